# What follows are functions; the files stand below them, one line each.

# Names are bytes, whatever the language of the system.
LC_ALL=C
export LC_ALL
unset CDPATH
act=no did=0 left=0
case ${1-} in
--yes) act=yes ;;
'') echo 'Dry run: nothing is changed. To act, give --yes.' >&2 ;;
*)
	echo 'usage: sh SCRIPT [--yes]' >&2
	exit 2
	;;
esac

# tell WORDS NAME prints a name with its control characters replaced.
tell() {
	printf '%s: ' "$1"
	printf '%s' "$2" | tr '\000-\037\177' '[?*]'
	printf '\n'
}

# leave WHY FILE names a file that is left alone.
leave() {
	left=$((left + 1))
	tell "left alone, $1" "$2" >&2
}

# tell_done WORDS NAME counts a step.
tell_done() {
	did=$((did + 1))
	if [ "$act" = yes ]; then tell "$1" "$2"; else tell "would be $1" "$2"; fi
}

# facts FILE prints size and time of modification, device FILE the number of its
# disk: by the stat of GNU, of BSD and macOS, or of BusyBox, which knows whole seconds only.
whole=no
case $(stat -c %.9Y / 2>/dev/null) in
*.?????????)
	facts() { stat -c '%s %.9Y' -- "$1" 2>/dev/null; }
	device() { stat -c %d -- "$1" 2>/dev/null; }
	;;
*)
	case $(stat -f %Fm / 2>/dev/null) in
	*.?????????)
		facts() { stat -f '%z %Fm' -- "$1" 2>/dev/null; }
		device() { stat -f %d -- "$1" 2>/dev/null; }
		;;
	*)
		case $(stat -c %Y / 2>/dev/null) in
		'' | *[!0-9]*)
			echo 'stopped: there is no stat that tells size and time of a file' >&2
			exit 1
			;;
		esac
		whole=yes
		facts() { stat -c '%s %Y' -- "$1" 2>/dev/null; }
		device() { stat -c %d -- "$1" 2>/dev/null; }
		;;
	esac
	;;
esac

# same FILE SIZE TIME tells whether a file is an ordinary one and as the index knows
# it; else why says what it is.
same() {
	if [ -L "$1" ]; then
		why='it is a link by now'
	elif [ ! -e "$1" ]; then
		why='it is gone'
	elif [ ! -f "$1" ]; then
		why='it is no ordinary file by now'
	else
		is=$(facts "$1")
		was="$2 $3"
		[ "$whole" = no ] || was=${was%.*}
		[ "$is" != "$was" ] || return 0
		why='it has changed since'
	fi
	return 1
}

# sound FILE SIZE TIME STAY SIZE TIME checks a file to go and the one to stay, and
# names the one to go where anything is otherwise. The one to stay is read to its end
# before anything happens, its beginning in a dry run.
sound() {
	if ! same "$1" "$2" "$3"; then
		leave "$why" "$1"
	elif ! same "$4" "$5" "$6"; then
		leave "of the file to stay, $why" "$1"
	elif [ "$1" -ef "$4" ]; then
		leave 'it and the file to stay are one file' "$1"
	elif [ "$act" = yes ] && ! cat <"$4" >/dev/null 2>&1; then
		leave 'the file to stay cannot be read' "$1"
	elif [ "$act" = no ] && ! dd if="$4" of=/dev/null bs=4096 count=1 2>/dev/null; then
		leave 'the file to stay cannot be read' "$1"
	else
		return 0
	fi
	return 1
}

# carry FROM TO PART moves a file to where nothing is, never over another one. To
# another disk it is copied under the name PART, compared, written out and renamed,
# and only then removed.
carry() {
	if [ -e "$2" ] || [ -L "$2" ]; then
		why='something is at its new place'
		return 1
	fi
	mkdir -p -- "${2%/*}" 2>/dev/null || {
		why='its new folder cannot be made'
		return 1
	}
	if [ "$(device "$1")" = "$(device "${2%/*}/.")" ]; then
		mv -n -- "$1" "$2" 2>/dev/null
	else
		rm -f -- "$3"
		if cp -p -- "$1" "$3" 2>/dev/null && cmp -s -- "$1" "$3"; then
			sync -- "$3" 2>/dev/null || sync
			mv -n -- "$3" "$2" 2>/dev/null
		fi
		if [ -e "$3" ]; then
			rm -f -- "$3"
			why='it cannot be copied whole (is the disk full?)'
			return 1
		fi
		if [ -f "$2" ] && cmp -s -- "$1" "$2"; then rm -f -- "$1"; fi
	fi
	if [ -e "$1" ] || [ ! -f "$2" ]; then
		why='it cannot be moved'
		return 1
	fi
}

# ended tells what it came to; the exit code is 3 where files were left alone.
ended() {
	if [ "$act" = yes ]; then echo "$did done, $left left alone"; else echo "$did would be done, $left left alone; nothing was changed"; fi
	[ "$left" -eq 0 ] || exit 3
	exit 0
}
