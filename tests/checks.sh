# Sourced by the shell tests: counts checks, each with a sentence, and prints one summary line that tests/run reads.

passed=0
failed=0

pass() { passed=$((passed + 1)); echo "  ok    $1"; }
fail() { failed=$((failed + 1)); echo "  FAIL  $1${2:+: $2}"; }

# check SENTENCE COMMAND... : the command must succeed.
check() {
  local sentence=$1 output
  shift
  if output=$("$@" 2>&1); then pass "$sentence"; else fail "$sentence" "$(tail -n 5 <<<"$output")"; fi
}

# check_refused SENTENCE COMMAND... : the command must fail.
check_refused() {
  local sentence=$1 output
  shift
  if output=$("$@" 2>&1); then fail "$sentence" "it succeeded: $(tail -n 5 <<<"$output")"; else pass "$sentence"; fi
}

# check_matches SENTENCE TEXT PATTERN : an extended regular expression.
check_matches() {
  if grep -Eq -- "$3" <<<"$2"; then pass "$1"; else fail "$1" "'$3' is not in: $(head -c 1000 <<<"$2")"; fi
}

# eventually SECONDS COMMAND... : until it succeeds.
eventually() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || return 1
    sleep 0.3
  done
}

summary() {
  echo "summary: $passed passed, $failed failed"
  ((failed == 0))
}
