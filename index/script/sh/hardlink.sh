made='made a hard link'

# make STAY NEW FILE
make() { [ "$(device "$1")" = "$(device "${2%/*}/.")" ] && ln -- "$1" "$2" 2>/dev/null; }
