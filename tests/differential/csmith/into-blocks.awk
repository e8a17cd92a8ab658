# Puts the work of a program from csmith into atomic blocks, as `style` says:
#   whole      all of it is one block
#   functions  the body of each function is one, so blocks nest when the program runs
#   pieces     each { } inside a function is one where that means the same: the program may jump out
#              of it, but not by break or continue (a block takes them to itself), nor into it
# csmith numbers each { but those of the loops that set up arrays; a } ends the { of its column.

/^ *{ \/\* block id: / {
    depth++
    opened[depth] = NR
    column[depth] = index($0, "{")
    fits[depth] = style == "functions" ? depth == 1 : style == "pieces" && depth > 1
}
/(break|continue);/ || /^ *lbl_[0-9]+:/ {
    for (i = 2; i <= depth; i++)
        fits[i] = 0
}
depth && /^ *}$/ && index($0, "}") == column[depth] {
    if (fits[depth]) {
        sub(/{/, "{ atomic {", line[opened[depth]])
        $0 = $0 "}"
    }
    depth--
}
style == "whole" && /^    func_1\(\);$/ { $0 = "    atomic { func_1(); }" }
{ line[NR] = $0 }
END {
    for (i = 1; i <= NR; i++)
        print line[i]
}
