made='made a clone'

# make STAY NEW FILE clones the bytes; time, mode and owner stay those of FILE.
make() {
	if [ "$(uname)" = Darwin ]; then
		cp -c "$1" "$2" 2>/dev/null && chmod "$(stat -f %Lp "$3")" "$2" && touch -r "$3" "$2"
	else
		cp --reflink=always -- "$1" "$2" 2>/dev/null && cp --attributes-only --preserve=all -- "$3" "$2" 2>/dev/null
	fi
}
