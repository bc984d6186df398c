
# step FILE SIZE TIME STAY SIZE TIME
step() {
	new=$to$1
	if [ ! -e "$1" ] && [ ! -L "$1" ] && [ -f "$new" ] && same "$new" "$2" "$3"; then
		tell 'moved already' "$1"
		return 0
	fi
	sound "$@" || return 0
	if [ "$act" = no ]; then
		if [ -e "$new" ] || [ -L "$new" ]; then leave 'something is at its new place' "$1"; else tell_done 'moved' "$1"; fi
		return 0
	fi
	# A run that was ended between copy and removal left both.
	if [ -f "$new" ] && [ ! -L "$new" ] && [ ! "$new" -ef "$1" ] && cmp -s -- "$1" "$new" && rm -f -- "$1" 2>/dev/null; then
		tell_done 'moved' "$1"
	elif carry "$1" "$new" "$to/.part-$id"; then
		tell_done 'moved' "$1"
	else
		leave "$why" "$1"
	fi
}

# The script that moves all back is there, whole, before the first file moves.
write_undo() {
	[ ! -e "$undo" ] || return 0
	mkdir -p -- "$to" && undo_text >"$undo.part" && mv -n -- "$undo.part" "$undo" && [ ! -e "$undo.part" ] || {
		rm -f -- "$undo.part"
		echo 'stopped: the undo script cannot be written (is the disk full?); nothing was moved' >&2
		exit 1
	}
	tell 'the undo script is' "$undo"
}
