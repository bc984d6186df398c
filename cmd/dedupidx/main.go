package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := interruptible(os.Exit)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// interruptible returns a context that the first interrupt or request to end
// cancels, so that what is in flight is put in order. The second ends the
// process at once, which the index survives as it survives a power cut.
func interruptible(exit func(int)) (context.Context, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals, done, ended := make(chan os.Signal, 2), make(chan struct{}), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-signals:
				if ctx.Err() != nil {
					exit(exitInterrupted)
				}
				cancel()
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		<-ended
		cancel()
	}
}

// run is the program: it carries out what args say and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := newEnv(stdin, stdout, stderr)
	err := dispatch(ctx, e, args)
	e.tell(err)
	return exitCode(err)
}
