// GnuTm.cpp - __transaction_atomic, __transaction_relaxed and __transaction_cancel.
//
// include/ame/gnu_tm.h makes a pragma of each word. The pragma's handler looks at what follows and
// puts C in its place; a watcher of all tokens puts the rest behind the matching bracket. So break,
// continue, return and goto in the body mean what they mean without the block. The body is
// in brackets of its own, since it may begin with declarations of local labels.
#include "GnuTm.h"
#include "Names.h"
#include "clang/Lex/Lexer.h"
#include "clang/Lex/Preprocessor.h"

using namespace clang;

namespace ame {

namespace {

enum class Kind { Atomic, Outer, Relaxed };

struct Block {
    Kind K;
    bool IsExpression;
    unsigned Number;      // in this compilation: its variable and label have names of their own
    bool Cancels = false; // a cancel was seen in it

    bool hasLabel() const { return K != Kind::Relaxed && !IsExpression; }
};

// A bracket that is open; the outermost one is a block's.
struct Bracket {
    tok::TokenKind Closing;
    std::optional<Block> Body;
};

// What is put in. SCOPE, LABEL, BEGIN, END and CANCEL are replaced.
#define SCOPE_VARIABLE "int SCOPE __attribute__((cleanup(END))) = BEGIN(); "
constexpr char RelaxedOpening[] = "{ " SCOPE_VARIABLE;
constexpr char RelaxedClosing[] = "}";
constexpr char AtomicOpening[] = "{ { " SCOPE_VARIABLE "if (!SCOPE) goto LABEL; ";
constexpr char CancelledClosing[] = "} LABEL: __attribute__((unused)); }";
// Else the compiler would warn that control can get behind `{ return 0; }`.
constexpr char AtomicClosing[] = "} if (0) { LABEL: __builtin_unreachable(); } }";
constexpr char ExpressionOpening[] = "__extension__ ({ " SCOPE_VARIABLE;
constexpr char ExpressionClosing[] = "; })";
constexpr char Cancel[] = "CANCEL()";
constexpr char CancelTheOuter[] = "ame_abi_cancel_outer()";
constexpr char Nothing[] = "(void)0"; // after an error

constexpr char MissingBody[] = "'{' or '(' expected: the body of the transaction";

class Transactions {
  public:
    explicit Transactions(Preprocessor &Preproc) : PP(Preproc) {}

    void begin(Kind K, SourceLocation Where);
    void cancel(SourceLocation Where);
    void watch(const Token &Tok);
    void error(SourceLocation Where, StringRef Text);

  private:
    Preprocessor &PP;
    std::vector<Bracket> Brackets; // empty outside blocks
    unsigned Blocks = 0;

    Block *innermost();
    void checkNesting(Kind K, SourceLocation Where);
    bool checkCancel(const Block *B, bool IsOuter, SourceLocation Where);
    bool takeOuter(Token &Tok);
    StringRef replacement(StringRef Word, const Block *B, std::string &Buffer);
    void put(const char *Text, const Block *B, SourceLocation Where, const Token *Last = nullptr);
    void putBack(const Token &Tok);
};

void Transactions::error(SourceLocation Where, StringRef Text) {
    DiagnosticsEngine &Diags = PP.getDiagnostics();
    Diags.Report(Where, Diags.getCustomDiagID(DiagnosticsEngine::Error, "ame: %0")) << Text;
}

Block *Transactions::innermost() {
    for (Bracket &B : llvm::reverse(Brackets))
        if (B.Body)
            return &*B.Body;
    return nullptr;
}

StringRef Transactions::replacement(StringRef Word, const Block *B, std::string &Buffer) {
    if (Word == "END")
        return RegionEnd;
    if (Word == "CANCEL")
        return RegionCancel;
    if (Word == "BEGIN")
        return B->K == Kind::Outer ? RegionBeginOuter : RegionBegin;
    if (Word == "LABEL")
        return Buffer = "ame_cancelled_" + std::to_string(B->Number);
    if (Word != "SCOPE")
        return Word;
    StringRef Prefix = B->K == Kind::Atomic  ? AtomicScope
                       : B->K == Kind::Outer ? OuterScope
                                             : RelaxedScope;
    return Buffer = Prefix.str() + std::to_string(B->Number);
}

// Puts `Text` and then `Last` before the next token. The watcher does not see them.
void Transactions::put(const char *Text, const Block *B, SourceLocation Where, const Token *Last) {
    SmallVector<Token, 32> Tokens;
    std::string Buffer;
    // The places that it gives do not matter: all are `Where`.
    Lexer Raw(SourceLocation(), PP.getLangOpts(), Text, Text, Text + strlen(Text));
    for (Token Tok; Raw.LexFromRawLexer(Tok), Tok.isNot(tok::eof); Tokens.push_back(Tok)) {
        if (Tok.is(tok::raw_identifier)) {
            StringRef Word = replacement(Tok.getRawIdentifier(), B, Buffer);
            IdentifierInfo *Name = PP.getIdentifierInfo(Word);
            Tok.setIdentifierInfo(Name);
            Tok.setKind(Name->getTokenID());
            Tok.setLength(Word.size());
        }
        Tok.setLocation(Where);
    }
    if (Last)
        Tokens.push_back(*Last);
    auto Owned = std::make_unique<Token[]>(Tokens.size());
    llvm::copy(Tokens, Owned.get());
    PP.EnterTokenStream(std::move(Owned), Tokens.size(), /*DisableMacroExpansion=*/true,
                        /*IsReinject=*/true);
}

void Transactions::putBack(const Token &Tok) {
    PP.EnterToken(Tok, /*IsReinject=*/false);
}

// Whether [[outer]] or __attribute__((outer)) begins with `Tok`, which becomes the token behind it.
bool Transactions::takeOuter(Token &Tok) {
    bool IsGnu = Tok.is(tok::kw___attribute);
    if (!IsGnu && Tok.isNot(tok::l_square))
        return false;
    SourceLocation Where = Tok.getLocation();
    tok::TokenKind Open = IsGnu ? tok::l_paren : tok::l_square;
    tok::TokenKind Close = IsGnu ? tok::r_paren : tok::r_square;
    if (IsGnu)
        PP.Lex(Tok);
    bool IsOuter = true;
    auto Take = [&](bool Expected) {
        IsOuter &= Expected;
        if (Expected)
            PP.Lex(Tok);
    };
    Take(Tok.is(Open));
    Take(Tok.is(Open));
    Take(Tok.is(tok::identifier) &&
         (Tok.getIdentifierInfo()->isStr("outer") || Tok.getIdentifierInfo()->isStr("__outer__")));
    Take(Tok.is(Close));
    Take(Tok.is(Close));
    if (!IsOuter) {
        error(Where, "a transaction has no attribute but [[outer]]");
        while (!Tok.isOneOf(tok::l_brace, tok::r_brace, tok::semi, tok::eof))
            PP.Lex(Tok);
    }
    return IsOuter;
}

void Transactions::checkNesting(Kind K, SourceLocation Where) {
    if (K == Kind::Outer && innermost())
        error(Where, "a __transaction_atomic [[outer]] block in another transaction; outer blocks "
                     "can't be inner ones");
    if (K == Kind::Relaxed && llvm::any_of(Brackets, [](const Bracket &B) {
            return B.Body && B.Body->K != Kind::Relaxed;
        }))
        error(Where, "__transaction_relaxed in a __transaction_atomic block; make the outer one "
                     "relaxed too");
}

void Transactions::begin(Kind K, SourceLocation Where) {
    Token Next;
    PP.Lex(Next);
    if (K == Kind::Atomic && takeOuter(Next))
        K = Kind::Outer;
    bool IsExpression = Next.is(tok::l_paren);
    if (!IsExpression && Next.isNot(tok::l_brace)) {
        error(Next.getLocation(), MissingBody);
        return putBack(Next);
    }
    checkNesting(K, Where);
    Block B{K, IsExpression, ++Blocks};
    Brackets.push_back({IsExpression ? tok::r_paren : tok::r_brace, B});
    put(IsExpression   ? ExpressionOpening
        : B.hasLabel() ? AtomicOpening
                       : RelaxedOpening,
        &B, Where, &Next);
}

// An outer cancel may also stand in a function that may cancel outer blocks: see GnuTmChecks.cpp.
bool Transactions::checkCancel(const Block *B, bool IsOuter, SourceLocation Where) {
    if (B && B->K == Kind::Relaxed)
        error(Where,
              "__transaction_cancel in a __transaction_relaxed block, which can't be undone; "
              "use __transaction_atomic");
    else if (!B && !IsOuter)
        error(Where, "__transaction_cancel outside a __transaction_atomic block");
    else if (B && B->IsExpression && !IsOuter)
        error(Where, "__transaction_cancel in a transaction expression, which has a value; use "
                     "__transaction_atomic { ... }");
    else
        return true;
    return false;
}

void Transactions::cancel(SourceLocation Where) {
    Token Next;
    PP.Lex(Next);
    bool IsOuter = takeOuter(Next);
    Block *B = innermost();
    bool Valid = checkCancel(B, IsOuter, Where);
    putBack(Next);
    if (Valid && !IsOuter)
        B->Cancels = true;
    put(!Valid ? Nothing : IsOuter ? CancelTheOuter : Cancel, B, Where);
}

void Transactions::watch(const Token &Tok) {
    if (Brackets.empty())
        return;
    if (Tok.isOneOf(tok::l_brace, tok::l_paren))
        Brackets.push_back({Tok.is(tok::l_brace) ? tok::r_brace : tok::r_paren, std::nullopt});
    if (!Tok.isOneOf(tok::r_brace, tok::r_paren))
        return;
    // Brackets that do not match are the parser's to complain about.
    auto Match = llvm::find_if(llvm::reverse(Brackets),
                               [&](const Bracket &B) { return B.Closing == Tok.getKind(); });
    if (Match == Brackets.rend())
        return;
    std::optional<Block> B = Match->Body;
    Brackets.erase(Match.base() - 1, Brackets.end());
    if (B)
        put(B->IsExpression                     ? ExpressionClosing
            : !B->hasLabel()                    ? RelaxedClosing
            : B->Cancels || B->K == Kind::Outer ? CancelledClosing
                                                : AtomicClosing,
            &*B, Tok.getLocation());
}

bool isLastInFile(Preprocessor &PP, SourceLocation Where) {
    auto Next = Lexer::findNextToken(Where, PP.getSourceManager(), PP.getLangOpts());
    return !Next || Next->is(tok::eof);
}

class Word : public PragmaHandler {
  public:
    using Action = void (*)(Transactions &, SourceLocation);
    Word(StringRef Name, std::shared_ptr<Transactions> TheState, Action TheAction)
        : PragmaHandler(Name), State(std::move(TheState)), Act(TheAction) {}

    void HandlePragma(Preprocessor &PP, PragmaIntroducer Introducer, Token &Tok) override {
        SourceLocation Last = Tok.getLocation();
        while (Tok.isNot(tok::eod))
            PP.LexUnexpandedToken(Tok);
        if (PP.isParsingIfOrElifDirective()) // what follows is the rest of its line
            return;
        // In a preprocessed file. The lexer, which is at work, would not survive its file's end.
        if (Introducer.Kind == PIK_HashPragma && isLastInFile(PP, Last))
            return State->error(Last, MissingBody);
        // The place of the word, not of the macro's text in gnu_tm.h.
        SourceLocation Where = Introducer.Loc;
        if (Where.isMacroID())
            Where = PP.getSourceManager().getImmediateExpansionRange(Where).getBegin();
        Act(*State, Where);
    }

  private:
    std::shared_ptr<Transactions> State;
    Action Act;
};

} // namespace

void watchTransactions(CompilerInstance &Compiler) {
    Preprocessor &PP = Compiler.getPreprocessor();
    auto State = std::make_shared<Transactions>(PP);
    auto Add = [&](StringRef Name, Word::Action Act) {
        PP.AddPragmaHandler("ame", new Word(Name, State, Act)); // PP owns it
    };
    Add("transaction_atomic",
        [](Transactions &T, SourceLocation Where) { T.begin(Kind::Atomic, Where); });
    Add("transaction_relaxed",
        [](Transactions &T, SourceLocation Where) { T.begin(Kind::Relaxed, Where); });
    Add("transaction_cancel", [](Transactions &T, SourceLocation Where) { T.cancel(Where); });
    PP.setTokenWatcher([State](const Token &Tok) { State->watch(Tok); });
}

} // namespace ame
