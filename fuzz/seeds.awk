# Extracts what clients and servers send in scripts (tests/scripts) and transcripts. Writes a file for each script and
# each target in the folder `to`. See fuzz/README.md.

function repeated(text, times,    all) {
    while (times-- > 0) all = all text
    return all
}

# A script's word in angle brackets: a byte, a repetition, or a value of that kind.
function value(word) {
    if (word in fixed) return fixed[word]
    if (word ~ /^0x[0-9A-F][0-9A-F]$/)
        return sprintf("%c", 16 * (index(hex, substr(word, 3, 1)) - 1) + index(hex, substr(word, 4, 1)) - 1)
    if (word ~ /\*[0-9]+$/)
        return repeated(substr(word, 1, index(word, "*") - 1), substr(word, index(word, "*") + 1))
    sub(/[ _+0-9].*/, "", word)
    return word in fixed ? fixed[word] : ""
}

function spelled(text,    done, word) {
    while (match(text, /<[^<>]+>/)) {
        word = value(substr(text, RSTART + 1, RLENGTH - 2))
        done = done substr(text, 1, RSTART - 1) word
        text = substr(text, RSTART + RLENGTH)
    }
    return done text
}

# Adds a line with its end to what `target` reads.
function add(target, text,    end) {
    end = "\r\n"
    if (sub(/<LF>$/, "", text) || sub(/ *\[bare LF\]$/, "", text)) end = "\n"
    else if (sub(/<END>$/, "", text)) end = ""
    reads[target] = reads[target] spelled(text) end
}

# Sets `target` to the reader of the next lines: this server, or the client.
function set_target(by_client) {
    target = by_client ? server : "events"
}

function save(    name) {
    for (name in reads) {
        printf "%s", reads[name] > (to "/" name "/" script)
        close(to "/" name "/" script)
        if (name != "events") {
            printf "%s", reads[name] > (to "/frame/" name "_" script)
            close(to "/frame/" name "_" script)
        }
        delete reads[name]
    }
}

BEGIN {
    hex = "0123456789ABCDEF"
    fixed["LF"] = "\n"; fixed["CR"] = "\r"; fixed["CRLF"] = "\r\n"; fixed["SP"] = " "; fixed["TAB"] = "\t"
    fixed["ser"] = "848720682"; fixed["sid"] = "10000001"; fixed["time"] = "1013928520"
    fixed["cookie"] = "123456789.123456789.123456789"; fixed["challenge"] = "1013928519.693957190"
    fixed["md"] = "0dc38e0c96e5ef37eb9451a0b2d5aaf9"; fixed["MD"] = toupper(fixed["md"])
    fixed["address"] = fixed["switchboard"] = fixed["notification"] = fixed["dispatch"] = "192.0.2.1:1864"
    kinds["DS"] = kinds["DP"] = "dispatch"; kinds["NS"] = "notification"; kinds["SB"] = "switchboard"
}

FNR == 1 { save(); script = FILENAME; sub(/.*\//, "", script); sub(/\.[a-z]+$/, "", script) }
/^#/ || /^account / || /^--/ { next }
/^[a-z]+ (DS|NS|SB)( |,|$)/ { split($2, word, ","); server = kinds[word[1]]; next }
/^[CS]: / { set_target(/^C/); add(target, substr($0, 4)); next }
/^ +[0-9.]+ [A-Z]+#[0-9]+ [CS]> / {
    server = kinds[substr($2, 1, 2)]
    set_target($3 == "C>")
    sub(/^ +[0-9.]+ [^ ]+ [CS]> (  \| ?)?/, "")
    add(target, $0)
    next
}
/^ +\| ?/ { sub(/^ +\| ?/, ""); add(target, $0) }
END { save() }
