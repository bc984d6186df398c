package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/dedupidx/dedupidx/stages/raster"
)

// decodeHelper is the hidden command with which the program starts itself as
// the decode helper: a process of its own for decoders that are not trusted
// with memory and time.
const decodeHelper = "decode-helper"

func decodeCommand() command {
	return command{
		name: decodeHelper, hidden: true,
		short: "decode pictures for another dedupidx",
		long:  "Reads requests from standard input and writes pictures to standard output. Started by dedupidx itself.",
		flags: func(*pflag.FlagSet) runner {
			return func(ctx context.Context, e *env, _ []string) error {
				return raster.ServeHelper(ctx, e.stdin, e.stdout, codeCache())
			}
		},
	}
}

// codeCache is the folder in which the decode helper keeps the machine code of its
// decoders, in the user's own cache; empty where there is none.
func codeCache() string {
	folder, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(folder, "dedupidx", "decoders")
}

// helperCommand is the command line of the decode helper.
func helperCommand() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, errors.Join(errors.New("find this program, to start it as the decode helper"), err)
	}
	return []string{self, decodeHelper}, nil
}
