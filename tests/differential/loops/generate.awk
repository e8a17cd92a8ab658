# generate.awk -v seed=N: a C program of loops over arrays that may be the same, overlap or lie apart.
# It runs each on its own and in a block, with many lengths and distances, and compares what they
# leave in memory. All arithmetic is of unsigned words, so nothing is undefined.
function below(n) {
    return int(rand() * n)
}

function index_of(  k) {
    k = below(10)
    return k < 5 ? "i" : k == 5 ? "i + 1" : k == 6 ? "i - 1" : k == 7 ? "i + " 2 + below(8) : k == 8 ? "2 * i" : "3 * i + 1"
}

function element() {
    return names[1 + below(arrays)] "[" index_of() "]"
}

function operand(  k) {
    k = below(6)
    return k < 4 ? "(uint64_t)" element() : k == 4 ? "(uint64_t)i" : "key"
}

function expression(  text, terms) {
    text = operand()
    for (terms = below(3); terms > 0; terms--)
        text = "(" text " " substr("+-^*", 1 + below(4), 1) " " operand() ")"
    return text
}

function statement(  k) {
    k = below(10)
    if (k < 2)
        return "sum = sum * 3 + " expression() ";"
    if (k == 2)
        return "if (i & 1) " element() " = " expression() ";"
    if (k < 6)
        return element() " " substr("+-^", 1 + below(3), 1) "= " expression() ";"
    return element() " = " expression() ";"
}

function declarations(  text, a, same, type) {
    same = rand() < 0.6
    type = types[1 + below(4)]
    for (a = 1; a <= arrays; a++) {
        text = text "    " type " *" names[a] " = (" type " *)(memory + 1024) + at[" a - 1 "];\n"
        if (!same)
            type = types[1 + below(4)]
    }
    return text
}

BEGIN {
    srand(seed)
    split("a b c", names)
    split("uint8_t uint16_t uint32_t uint64_t", types)
    loops = 40
    print "#include \"loops.h\"\n"
    for (l = 0; l < loops; l++) {
        arrays = 1 + below(3)
        print "LOOP(loop" l ") {"
        printf "    uint64_t sum = key;\n%s", declarations()
        print rand() < 0.3 ? "    for (long i = n; i-- > 0;) {" : "    for (long i = 0; i < n; i += " (rand() < 0.7 ? 1 : 2 + below(2)) ") {"
        for (s = below(4); s >= 0; s--)
            print "        " statement()
        print "    }\n    return sum;\n}\n"
    }
    print "static loop_function *const loops[] = {"
    for (l = 0; l < loops; l++)
        print "    loop" l ","
    print "};\n\nint main(void) {\n    return compare_all(loops, sizeof loops / sizeof *loops);\n}"
}
