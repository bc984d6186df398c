package main

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	sd "github.com/coreos/go-systemd/v22/daemon"
)

// notifier tells systemd how the daemon does (sd_notify(3)), where systemd
// started it; else it tells nobody.
type notifier struct {
	log    *slog.Logger
	beat   atomic.Int64 // when something was last seen to move, Unix nanoseconds; 0 while the daemon rests
	text   string       // the status told last
	failed sync.Once
}

// stuck is after how long without a sign of life the watchdog is no longer
// told that all is well. One picture takes a minute at most.
const stuck = 10 * time.Minute

func newNotifier(log *slog.Logger) *notifier {
	n := &notifier{log: log}
	n.alive()
	return n
}

func (n *notifier) say(state string) {
	if _, err := sd.SdNotify(false, state); err != nil {
		n.failed.Do(func() { n.log.Warn("systemd cannot be told how it goes", "error", err) })
	}
}

// ready says that from now on nothing is missed.
func (n *notifier) ready(text string) {
	n.text = text
	n.say(sd.SdNotifyReady + "\nSTATUS=" + text)
}

// status says in words what is being done.
func (n *notifier) status(text string) {
	n.alive()
	if text != n.text {
		n.text = text
		n.say("STATUS=" + text)
	}
}

// alive is a sign of life.
func (n *notifier) alive() { n.beat.Store(time.Now().UnixNano()) }

// rest says that there is nothing to do, which may last.
func (n *notifier) rest() { n.beat.Store(0) }

// watch tells the watchdog that all is well, if there is one and it is, until
// the returned function is called, which says that the daemon ends.
func (n *notifier) watch() func() {
	every, err := sd.SdWatchdogEnabled(false)
	if err != nil {
		n.log.Warn("systemd's watchdog cannot be told that all is well", "error", err)
	}
	done := make(chan struct{})
	var ended sync.WaitGroup
	if every > 0 {
		ended.Go(func() {
			tick := time.NewTicker(every / 2)
			defer tick.Stop()
			for {
				if last := n.beat.Load(); last == 0 || time.Since(time.Unix(0, last)) < stuck {
					n.say(sd.SdNotifyWatchdog)
				}
				select {
				case <-tick.C:
				case <-done:
					return
				}
			}
		})
	}
	return func() {
		close(done)
		ended.Wait()
		n.say(sd.SdNotifyStopping)
	}
}
