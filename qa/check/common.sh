# Sourced by the parts of the check: where things are, counting, building.
#
# A part prints what failed or was skipped and why, and ends in a line `N passed, N failed, N skipped`; its exit status
# is 1 if something failed. Parts write below build/ and into temporary folders, nowhere else.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
WORK=$ROOT/build/check
JOBS=$(nproc)
PYTHON=/usr/bin/python3
SHARED=$ROOT/../shared
export PYTHONDONTWRITEBYTECODE=1
cd "$ROOT"
mkdir -p "$WORK"

passed=0
failed=0
skipped=0

pass() {
    passed=$((passed + 1))
}

fail() {
    failed=$((failed + 1))
    printf 'FAIL %s\n' "$*"
}

skip() {
    skipped=$((skipped + 1))
    printf 'skip %s\n' "$*"
}

# The last thing a part does.
finish() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ] || exit 1
    exit 0
}

# Add the last line of what another runner printed; without such a line, or with a status that doesn't go with it, one
# failure. add_counts NAME STATUS FILE
add_counts() {
    local line p f s
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$3" | tail -n 1 || true)
    if [ -z "$line" ]; then
        fail "$1 ended with status $2 and without a count:"
        tail -n 15 "$3"
        return
    fi
    p=${line%% passed*}
    f=${line#*passed, }
    f=${f%% failed*}
    s=${line#*failed}
    s=${s#, }
    s=${s%% skipped*}
    passed=$((passed + p))
    failed=$((failed + f))
    skipped=$((skipped + ${s:-0}))
    if [ "$2" != 0 ] && [ "$f" = 0 ]; then
        fail "$1 ended with status $2"
    fi
}

# Run a command that ends in a count; show what it says but for that line. counted NAME COMMAND...
counted() {
    local name=$1 out status=0
    shift
    out=$(mktemp)
    "$@" </dev/null >"$out" 2>&1 || status=$?
    grep -vE '^([0-9]+ passed, .*|pass .*)$' "$out" | tail -n 60 || true
    add_counts "$name" "$status" "$out"
    rm -f "$out"
}

# Make a build folder below build/check, configured once, and say where: sets dir.
# configure_in NAME [VARIABLE=VALUE|OPTION]...
configure_in() {
    dir=$WORK/$1
    shift
    mkdir -p "$dir"
    if [ ! -f "$dir/Makefile" ]; then
        (cd "$dir" && "$ROOT/configure" -q "$@") >"$dir.log" 2>&1 || {
            fail "configure $*"
            tail -n 15 "$dir.log"
            finish
        }
    fi
    make -s -C "$dir" Makefile >>"$dir.log" 2>&1 || true # made again if its sources changed
}

# make, quietly. built DIR TARGET...
built() {
    local dir=$1
    shift
    make -s -C "$dir" -j"$JOBS" "$@" >"$dir/make.log" 2>&1 && return
    fail "make $* in $dir"
    grep -E -A6 'error|warning|Error' "$dir/make.log" | tail -n 40
    finish
}

# Compile and run the unit tests of a build folder, or some of them; one count for each test in each program.
# unit_tests DIR [PROGRAM]...
unit_tests() {
    local dir=$1 trs log p f some=()
    shift
    [ $# = 0 ] || some=("TESTS=$*")
    find "$dir/src" -name '*_test.trs' -delete
    make -k -s -C "$dir" -j"$JOBS" check "${some[@]}" LOG_COMPILER="$ROOT/qa/check/limited" \
        >"$dir/unit.log" 2>&1 || true
    for trs in $(cd "$dir" && find src -name '*_test.trs' | sort); do
        log=$dir/${trs%.trs}.log
        p=$(sed -n 's/.*\[  PASSED  \] \([0-9]*\) test(s).*/\1/p' "$log" | tail -n 1)
        f=$(sed -n 's/.*\[  FAILED  \] \([0-9]*\) test(s).*/\1/p' "$log" | tail -n 1)
        passed=$((passed + ${p:-0}))
        failed=$((failed + ${f:-0}))
        if ! grep -q '^:test-result: PASS' "$dir/$trs"; then
            [ "${f:-0}" != 0 ] || failed=$((failed + 1))
            echo "FAIL ${trs%.trs}"
            grep -E 'FAILED|ERROR|SUMMARY|runtime error|error:|imit|ermina|out of time' "$log" | head -n 12 || true
        elif [ -z "$p" ]; then
            fail "${trs%.trs} ran no test"
        fi
    done
    for log in $(make -s -C "$dir" --eval='print-tests: ; @echo $(TESTS)' "${some[@]}" print-tests); do
        [ -e "$dir/$log.trs" ] || {
            fail "$log: not built or not run"
            grep -E -A4 "error|warning|undefined" "$dir/unit.log" | head -n 20 || true
        }
    done
    [ "$passed" != 0 ] || fail "no unit test passed"
}

# Sanitizers map large, fixed ranges: on kernels that randomize more address bits they need that off.
steady() {
    if setarch -R true 2>/dev/null; then
        setarch -R "$@"
    else
        "$@"
    fi
}
