package raster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
)

// helper is the program's side of a decode helper: a child process that is started
// when a file needs it, killed when the file takes too much, and ended when idle.
type helper struct {
	o      DecoderOptions
	limits Limits

	mu    sync.Mutex // held while a file is decoded, and while the idle child is ended
	child *child     // nil while none runs
	idle  *time.Timer
	last  uint64 // ID of the last request
}

// child is a running helper.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *stderr
	ready  map[Format]bool // formats whose decoder has worked once
}

// startDeadline bounds the time from starting a helper to its greeting. It takes a
// few milliseconds; a machine that swaps may need seconds.
const startDeadline = 30 * time.Second

// compileDeadline is added to the deadline of the first file of a format that a helper
// decodes: the decoders of HEIC, AVIF and JPEG XL become machine code then, which takes
// 0.4 to 3 s, and ten times as long on a machine that is busy.
const compileDeadline = 30 * time.Second

// errHelper marks a helper that does not start, which is no fault of a picture.
var errHelper = errors.New("start decode helper")

func newHelper(o DecoderOptions, l Limits) *helper {
	if o.HelperMemory <= 0 {
		o.HelperMemory = l.Memory + 512<<20
	}
	if o.HelperIdle <= 0 {
		o.HelperIdle = 30 * time.Second
	}
	if o.HelperDeadline <= 0 {
		o.HelperDeadline = 20 * time.Second
	}
	return &helper{o: o, limits: l}
}

// decode has a file decoded by the child. pixels is what the file declares.
func (h *helper) decode(ctx context.Context, data []byte, format Format, pixels int64) (*Raster, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.idle != nil {
		h.idle.Stop()
	}
	if h.child == nil {
		c, err := startChild(ctx, h.o)
		if err != nil {
			return nil, err
		}
		h.child = c
	}
	h.last++
	req := request{ID: h.last, Format: format, Limits: h.limits, Memory: h.o.HelperMemory + 2*int64(len(data))}
	deadline := h.o.HelperDeadline + time.Duration(pixels/10_000_000)*time.Second
	late := deadline
	if compiled(format) && !h.child.ready[format] {
		late += compileDeadline
	}
	r, err := h.child.ask(ctx, req, data, deadline, late)
	if err != nil && !isFailureReply(err) {
		h.child = nil // it has ended
		return nil, err
	}
	h.child.ready[format] = true
	h.idle = time.AfterFunc(h.o.HelperIdle, h.endIdle)
	if err != nil {
		return nil, err.(failureReply).Failure
	}
	return r, nil
}

// endIdle ends a child that has had no work for long enough.
func (h *helper) endIdle() {
	if !h.mu.TryLock() {
		return // it has work again
	}
	defer h.mu.Unlock()
	if h.child != nil {
		h.child.end()
		h.child = nil
	}
}

// close ends the child, if one runs, and waits for it.
func (h *helper) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.idle != nil {
		h.idle.Stop()
	}
	if h.child != nil {
		h.child.end()
		h.child = nil
	}
	return nil
}

// startChild starts a helper and waits for its greeting.
func startChild(ctx context.Context, o DecoderOptions) (*child, error) {
	cmd := exec.Command(o.Helper[0], o.Helper[1:]...)
	// Nobody reads stack traces of a child.
	cmd.Env = append(append(os.Environ(), "GOTRACEBACK=none"), o.HelperEnv...)
	c := &child{cmd: cmd, stderr: &stderr{}, ready: make(map[Format]bool)}
	cmd.Stderr = c.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errHelper, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errHelper, err)
	}
	c.in, c.out = in, bufio.NewReaderSize(out, 1<<16)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: %w", errHelper, err)
	}
	greeted := make(chan error, 1)
	go func() {
		var hello reply
		_, err := readFrame(c.out, &hello, 0)
		if err == nil && hello.Version != Version {
			err = fmt.Errorf("it has version %d, not %d", hello.Version, Version)
		}
		greeted <- err
	}()
	timer := time.NewTimer(startDeadline)
	defer timer.Stop()
	select {
	case err = <-greeted:
		if err == nil {
			return c, nil
		}
		c.kill()
	case <-ctx.Done():
		err = ctx.Err()
		c.kill()
		<-greeted
		return nil, err
	case <-timer.C:
		err = errors.New("it does not answer")
		c.kill()
		<-greeted
	}
	return nil, fmt.Errorf("%w: %w: %s", errHelper, err, oneLine(c.stderr.firstWords()))
}

// failureReply is a failure that the child itself answered with: it lives on.
type failureReply struct{ *Failure }

func isFailureReply(err error) bool {
	_, ok := err.(failureReply)
	return ok
}

// ask sends a request and waits for its answer until late, watching time and memory;
// deadline is what is told of the file. After an error that is no failureReply the
// child has ended.
func (c *child) ask(ctx context.Context, req request, data []byte, deadline, late time.Duration) (*Raster, error) {
	type answer struct {
		reply
		body []byte
		err  error
	}
	written, answered := make(chan error, 1), make(chan answer, 1)
	go func() { written <- writeFrame(c.in, req, data) }()
	go func() {
		var a answer
		a.body, a.err = readFrame(c.out, &a.reply, 3*Side*Side)
		answered <- a
	}()
	timer, watch := time.NewTimer(late), time.NewTicker(watchInterval)
	defer timer.Stop()
	defer watch.Stop()
	var cause error
	ended := false // the reader has
wait:
	for {
		select {
		case a := <-answered:
			ended = true
			if a.err == nil && a.ID == req.ID {
				<-written
				if a.Failure != nil {
					return nil, failureReply{a.Failure}
				}
				r, err := a.reply.raster(a.body)
				if err == nil {
					return r, nil
				}
			}
			break wait // it ended, or talks nonsense
		case <-ctx.Done():
			cause = ctx.Err()
			break wait
		case <-timer.C:
			cause = failf(TimedOut, "takes longer than %s to decode", deadline)
			break wait
		case <-watch.C:
			if residentMemory(c.cmd.Process.Pid) > req.Memory {
				cause = tooMuchMemory(req.Memory)
				break wait
			}
		}
	}
	state := c.kill()
	<-written
	if !ended {
		<-answered
	}
	if cause == nil {
		cause = c.autopsy(state, req.Memory)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return nil, cause
}

// tooMuchMemory is the failure of a file whose decoder hit the memory limit,
// whoever noticed it.
func tooMuchMemory(limit int64) *Failure {
	return failf(TooLarge, "takes more than %d MiB of memory to decode; --max-decode-memory raises the limit", limit>>20)
}

// address matches what differs from run to run in a message.
var address = regexp.MustCompile(`0x[0-9a-f]+`)

// autopsy says why a child ended on its own.
func (c *child) autopsy(state string, memory int64) error {
	last := c.stderr.lastWords()
	if strings.Contains(last, "out of memory") || strings.Contains(last, "cannot allocate memory") {
		return tooMuchMemory(memory)
	}
	switch state {
	case "signal: terminated", "signal: interrupt", "signal: hangup":
		return fmt.Errorf("decode helper was ended from outside (%s)", state)
	}
	if last == "" {
		last = state
	}
	return failf(Crashed, "crashes its decoder (%s)", oneLine(address.ReplaceAllString(last, "0x?")))
}

// end closes the child's input, which ends it, and kills it if that takes too long.
func (c *child) end() {
	c.in.Close()
	timer := time.AfterFunc(2*time.Second, func() { _ = c.cmd.Process.Kill() })
	defer timer.Stop()
	_ = c.cmd.Wait() // its exit says nothing that matters now
}

// kill ends the child at once and waits for it. The result is "exit status 2",
// "signal: killed" and the like: of its own end where it had ended already.
func (c *child) kill() string {
	_ = c.cmd.Process.Kill()
	c.in.Close()
	_ = c.cmd.Wait()
	return c.cmd.ProcessState.String()
}
