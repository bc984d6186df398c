
# step FILE SIZE TIME STAY SIZE TIME
step() {
	sound "$@" || return 0
	if ! cmp -s -- "$1" "$4"; then
		leave 'its bytes are not those of the file to stay' "$1"
		return 0
	fi
	if [ "$act" = no ]; then
		tell_done "$made" "$1"
		return 0
	fi
	new=${1%/*}/.dedupidx-$id
	rm -f -- "$new" # of a run that was ended
	if ! make "$4" "$new" "$1" || ! cmp -s -- "$new" "$1" || ! mv -f -- "$new" "$1" 2>/dev/null; then
		rm -f -- "$new"
		leave "it cannot be $made (same disk? room? does the file system do that?)" "$1"
		return 0
	fi
	tell_done "$made" "$1"
}
