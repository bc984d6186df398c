
# back FILE SIZE TIME moves a file back to where it was.
back() {
	if ! same "$to$1" "$2" "$3"; then
		if same "$1" "$2" "$3"; then tell 'is where it was' "$1"; else leave "at its new place, $why" "$1"; fi
	elif [ "$act" = no ]; then
		if [ -e "$1" ] || [ -L "$1" ]; then leave 'something is at its old place' "$1"; else tell_done 'moved back' "$1"; fi
	elif [ -f "$1" ] && [ ! -L "$1" ] && [ ! "$1" -ef "$to$1" ] && cmp -s -- "$1" "$to$1" && rm -f -- "$to$1" 2>/dev/null; then
		tell_done 'moved back' "$1" # a run that was ended left both
	elif carry "$to$1" "$1" "${1%/*}/.dedupidx-part-$id"; then
		tell_done 'moved back' "$1"
	else
		leave "$why" "$1"
	fi
}
