# The tables of workloads.sh: medians of all measurements of a case, in columns for the variants.

BEGIN {
    columns = split("plain mutex rtm libitm ml_wt auto htm hybrid stm", column, " ")
}

# COLUMN CASE THREADS NAME=VALUE...
{
    name = $2
    if (!(name in known)) {
        known[name] = 1
        order[++cases] = name
        barrier[name] = name ~ /block|_in_1000$/
    }
    for (i = 4; i <= NF; i++) {
        split($i, pair, "=")
        key = $1 SUBSEP name SUBSEP $3 SUBSEP pair[1]
        value[key, ++count[key]] = pair[2]
        has[name, pair[1]] = 1
        if (pair[1] == "mops" && $3 == 64)
            has[name, "64 threads"] = kinds["64 threads"] = 1
    }
    kinds[has[name, "alone"] ? "long" : barrier[name] ? "barriers" : "workloads"] = 1
}

# "" if there is none; the upper one of two in the middle.
function median(of, name, threads, what, key, n, i, j, all, swap) {
    key = of SUBSEP name SUBSEP threads SUBSEP what
    n = count[key]
    for (i = 1; i <= n; i++) {
        all[i] = value[key, i]
        if (all[i] !~ /^[0-9.]+$/)
            return all[i]
        for (j = i; j > 1 && all[j - 1] + 0 > all[j] + 0; j--) {
            swap = all[j]; all[j] = all[j - 1]; all[j - 1] = swap
        }
    }
    return n ? all[int(n / 2) + 1] : ""
}

function shown(number) {
    if (number == "")
        return "-"
    if (number !~ /^[0-9.]+(e[-+]?[0-9]+)?$/)
        return number
    return sprintf(number >= 100 ? "%.0f" : number >= 10 ? "%.1f" : number >= 1 ? "%.2f" : "%.3f", number)
}

function head(title, i) {
    printf "\n%s\n\n| case |", title
    for (i = 1; i <= columns; i++)
        printf " %s |", column[i]
    printf "\n| --- |"
    for (i = 1; i <= columns; i++)
        printf " --- |"
    print ""
}

# With one thread -> with two.
function both(one, two) {
    return one == "" && two == "" ? "-" : two == "" ? shown(one) : shown(one) " → " shown(two)
}

function throughput(of, name, threads) {
    return median(of, name, threads, "mops")
}

function over(a, b) { return a == "" || b == "" ? "" : a / b }

function inverse(a) { return a == "" ? "" : 1000 / a }

function figures(barriers, i, n, name, one, two) {
    for (n = 1; n <= cases; n++) {
        name = order[n]
        if (!has[name, "mops"] || barrier[name] != barriers)
            continue
        printf "| %s |", name
        for (i = 1; i <= columns; i++) {
            one = throughput(column[i], name, 1)
            two = throughput(column[i], name, 2)
            printf " %s |", barriers ? both(inverse(one), inverse(two)) : both(one, two)
        }
        print ""
    }
}

function add_to_mean(i, threads, ratio) {
    if (ratio == "" || ratio == 0)
        return
    logs[i, threads] += log(ratio)
    terms[i, threads]++
}

function mean(i, threads) {
    return terms[i, threads] ? exp(logs[i, threads] / terms[i, threads]) : ""
}

function ratios(barriers, i, n, name, plain, one, two) {
    split("", logs)
    split("", terms)
    for (n = 1; n <= cases; n++) {
        name = order[n]
        plain = throughput("plain", name, 1)
        if (plain == "" || barrier[name] != barriers)
            continue
        printf "| %s |", name
        for (i = 1; i <= columns; i++) {
            one = over(throughput(column[i], name, 1), plain)
            two = over(throughput(column[i], name, 2), plain)
            add_to_mean(i, 1, one)
            add_to_mean(i, 2, two)
            printf " %s |", both(one, two)
        }
        print ""
    }
    printf "| geometric mean |"
    for (i = 1; i <= columns; i++)
        printf " %s |", both(mean(i, 1), mean(i, 2))
    print ""
}

function crowd(i, n, name, one, two, many) {
    for (n = 1; n <= cases; n++) {
        name = order[n]
        if (!has[name, "64 threads"])
            continue
        printf "| %s |", name
        for (i = 1; i <= columns; i++) {
            one = throughput(column[i], name, 1)
            two = throughput(column[i], name, 2)
            many = throughput(column[i], name, 64)
            if (many == "")
                printf " - |"
            else
                printf " %s; %s |", shown(over(many, one + 0 > two + 0 ? one : two)),
                    shown(median(column[i], name, 64, "least"))
        }
        print ""
    }
}

# What a long block's line says; `threads` is 2 for all of them, plain code included.
function long_row(name, title, what, i) {
    printf "| %s: %s |", name, title
    for (i = 1; i <= columns; i++)
        printf " %s |", shown(median(column[i], name, 2, what))
    print ""
}

function kept_row(name, i) {
    printf "| %s: updates kept |", name
    for (i = 1; i <= columns; i++)
        printf " %s |", shown(over(median(column[i], name, 2, "updates_beside"),
                                   median(column[i], name, 2, "updates")))
    print ""
}

function long_blocks(n, name) {
    for (n = 1; n <= cases; n++) {
        name = order[n]
        if (!has[name, "alone"])
            continue
        long_row(name, "alone, ms", "alone")
        long_row(name, "beside, ms", "beside")
        long_row(name, "tries", "long_tries")
        long_row(name, "updates alone, M/s", "updates")
        long_row(name, "updates beside, M/s", "updates_beside")
        kept_row(name)
        long_row(name, "memory, MB", "memory")
        if (has[name, "fresh"])
            long_row(name, "fresh memory, MB/s", "fresh")
    }
}

# Plain code never waits.
function machine(n, i, all, terms) {
    for (n = 1; n <= cases; n++)
        for (i = 1; i <= count["plain", order[n], 1, "cpu"]; i++) {
            all += value["plain", order[n], 1, "cpu", i]
            terms++
        }
    if (terms)
        printf "\nOf the time that it ran, plain code had a processor for %.0f %%; the rest went to other programs.\n", 100 * all / terms
}

END {
    machine()
    if (kinds["barriers"]) {
        head("Barriers: nanoseconds of wall time for each, 1 → 2 threads")
        figures(1)
        head("Barriers: speed over plain code of one thread, 1 → 2 threads")
        ratios(1)
    }
    if (kinds["workloads"]) {
        head("Workloads: million operations a second, 1 → 2 threads")
        figures(0)
        head("Workloads: speed over plain code of one thread, 1 → 2 threads")
        ratios(0)
    }
    if (kinds["64 threads"]) {
        head("64 threads: speed over the better of 1 and 2 threads; fewest blocks of a thread over the mean")
        crowd()
    }
    if (kinds["long"]) {
        head("Long blocks: alone, and beside a thread of short ones")
        long_blocks()
    }
}
