// Mounts: Linux tells of them in a file of its own, see proc_pid_mountinfo(5).
// inotify tells nothing when something is mounted over a folder.

package watch

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

const mountInfo = "/proc/self/mountinfo"

// mountPoints maps each mount point to what tells its mount from others.
func mountPoints() map[string]string {
	data, err := os.ReadFile(mountInfo)
	if err != nil {
		return nil
	}
	return parseMounts(data)
}

// parseMounts reads lines of: mount id, parent id, device, root in the file
// system, mount point and more, parted by spaces. A point may have several
// mounts, of which the last hides the others.
func parseMounts(data []byte) map[string]string {
	points := map[string]string{}
	for line := range bytes.Lines(data) {
		fields := bytes.Fields(line)
		if len(fields) < 5 {
			continue
		}
		points[unescape(fields[4])] += string(fields[0]) + " " + string(fields[2]) + ";"
	}
	return points
}

// unescape undoes the octal escapes of space, tab, newline and backslash.
func unescape(field []byte) string {
	var out []byte
	for i := 0; i < len(field); i++ {
		if field[i] == '\\' && i+3 < len(field) {
			if b, err := strconv.ParseUint(string(field[i+1:i+4]), 8, 8); err == nil {
				out = append(out, byte(b))
				i += 3
				continue
			}
		}
		out = append(out, field[i])
	}
	return string(out)
}

// followMounts sends once when it listens, and then when the table of mounts
// changes, until done. The file is in an exceptional state from a change until
// it is polled again. Not by os.Open: the runtime would poll it too, and take
// what is meant for us.
func followMounts(done <-chan struct{}, changed chan<- struct{}) {
	info, err := unix.Open(mountInfo, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(info)
	r, stop, err := os.Pipe()
	if err != nil {
		return
	}
	defer r.Close()
	ended := make(chan struct{})
	go func() {
		<-done
		stop.Close() // hangs up r
		close(ended)
	}()
	defer func() { <-ended }()
	changed <- struct{}{} // what was mounted since the table was read
	fds := []unix.PollFd{{Fd: int32(info), Events: unix.POLLPRI}, {Fd: int32(r.Fd()), Events: unix.POLLIN}}
	for {
		_, err := unix.Poll(fds, -1)
		if fds[1].Revents != 0 {
			return
		}
		if err != nil {
			if err == unix.EINTR {
				continue
			}
			return
		}
		if fds[0].Revents&(unix.POLLPRI|unix.POLLERR) != 0 {
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}
}
