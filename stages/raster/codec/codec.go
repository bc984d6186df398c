package codec

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// The decoders, as a Picture's Decoder names them.
const (
	LibHEIF = "libheif 1.23.0 libde265 1.1.1"
	LibAVIF = "libavif 1.4.2 dav1d 1.5.3"
	LibJXL  = "libjxl 0.11.2"
)

//go:embed lib/heif.wasm.gz
var heifModule []byte

//go:embed lib/avif.wasm.gz
var avifModule []byte

//go:embed lib/jxl.wasm.gz
var jxlModule []byte

var (
	// ErrRefused says that the library does not decode the bytes. It tells no reason.
	ErrRefused = errors.New("the library refuses it")
	// ErrModule says that a module cannot be made ready, which is no fault of a picture.
	ErrModule = errors.New("make decoder ready")
	// ErrMemory says that decoding would take more memory than allowed.
	ErrMemory = errors.New("out of memory")
)

// Codecs holds the modules that were made ready. It is for one goroutine, and decodes
// one picture at a time.
type Codecs struct {
	// Cache is a folder of the user's that keeps machine code, so that it is made once and
	// not by each process; empty for none. What cannot be read or written there costs time
	// alone. Whoever may write there may run code as the user.
	Cache string

	heif, avif, jxl *module
}

// Close gives the modules back. Codecs is empty again, and works on.
func (c *Codecs) Close() {
	for _, m := range []**module{&c.heif, &c.avif, &c.jxl} {
		if *m != nil {
			_ = (*m).runtime.Close(context.Background()) // frees memory alone
			if (*m).cache != nil {
				_ = (*m).cache.Close(context.Background())
			}
			*m = nil
		}
	}
}

// module is a library as machine code.
type module struct {
	runtime wazero.Runtime
	code    wazero.CompiledModule
	cache   wazero.CompilationCache // nil for none
}

// ready makes a module ready, once.
func (c *Codecs) ready(ctx context.Context, m **module, packed []byte, features api.CoreFeatures) (*module, error) {
	if *m != nil {
		return *m, nil
	}
	unpack, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModule, err)
	}
	code, err := io.ReadAll(unpack)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModule, err)
	}
	if m == &c.heif {
		if code, err = mendCr(code); err != nil {
			return nil, err
		}
	}
	config := wazero.NewRuntimeConfig().WithCoreFeatures(features)
	*m, err = compileCached(ctx, config, code, c.Cache)
	return *m, err
}

// compile makes machine code.
func compile(ctx context.Context, config wazero.RuntimeConfig, code []byte) (*module, error) {
	n := &module{runtime: wazero.NewRuntimeWithConfig(ctx, config)}
	var err error
	if n.code, err = n.runtime.CompileModule(experimental.WithCompilationWorkers(ctx, min(runtime.GOMAXPROCS(0), 4)), code); err == nil {
		_, err = wasi_snapshot_preview1.Instantiate(ctx, n.runtime)
	}
	if err != nil {
		_ = n.runtime.Close(ctx)
		return nil, fmt.Errorf("%w: %w", ErrModule, err)
	}
	return n, nil
}

// mendCr mends the call by which the HEIC module asks for the Cr plane. It passes no place
// for the length of a row, and libheif answers such a question with no plane: the picture
// turns green. Address 8, which it passes now, lies at the far end of the stack, where
// nothing is kept.
func mendCr(code []byte) ([]byte, error) {
	broken := []byte{0x41, 2, 0x41, 0, 0x10, 0xF0, 0x05} // i32.const 2 (Cr), i32.const 0, call 752
	at := bytes.Index(code, broken)
	if at < 0 || bytes.Contains(code[at+1:], broken) {
		return nil, fmt.Errorf("%w: not the expected one", ErrModule)
	}
	code[at+3] = 8
	return code, nil
}

// instance is a module with a memory of its own, made for one picture. After the first
// failing call all others do nothing, so that only the last result needs a check.
type instance struct {
	module api.Module
	memory *memory
	err    error
}

// start makes an instance that may take so many bytes of memory.
func (m *module) start(ctx context.Context, limit int64) (*instance, error) {
	in := &instance{memory: &memory{limit: uint64(max(limit, 64<<20))}}
	alloc := func(_, most uint64) experimental.LinearMemory {
		in.memory.reserve(most)
		return in.memory
	}
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(alloc))
	var err error
	// What the libraries print is for nobody, and would disturb the helper's pipe.
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")
	if in.module, err = m.runtime.InstantiateModule(ctx, m.code, config); err != nil {
		in.memory.Free()
		return nil, in.reason(err)
	}
	return in, nil
}

// close gives the memory of an instance back.
func (in *instance) close() {
	_ = in.module.Close(context.Background())
	in.memory.Free()
}

// reason makes the error of a call short and the same each time.
func (in *instance) reason(err error) error {
	if in.memory.full {
		return ErrMemory
	}
	text, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("the library breaks: %s", strings.TrimPrefix(text, "wasm error: "))
}

// call calls a function of one result.
func (in *instance) call(ctx context.Context, name string, args ...uint64) uint32 {
	if in.err != nil {
		return 0
	}
	results, err := in.module.ExportedFunction(name).Call(ctx, args...)
	switch {
	case err != nil:
		in.err = in.reason(err)
	case len(results) > 0:
		return uint32(results[0])
	}
	return 0
}

// alloc takes memory from the library's own heap.
func (in *instance) alloc(ctx context.Context, size int64) uint64 {
	if in.err == nil && size >= 1<<32 {
		in.err = ErrMemory
	}
	at := in.call(ctx, "malloc", uint64(size))
	if in.err == nil && at == 0 {
		in.err = ErrMemory
	}
	return uint64(at)
}

// put copies bytes into the instance.
func (in *instance) put(ctx context.Context, data []byte) uint64 {
	at := in.alloc(ctx, int64(len(data))+1) // malloc(0) may be nothing
	copy(in.bytes(at, int64(len(data))), data)
	return at
}

// bytes returns memory of the instance, valid until the next call.
func (in *instance) bytes(at uint64, size int64) []byte {
	if in.err != nil {
		return nil
	}
	b, ok := in.module.Memory().Read(uint32(at), uint32(size))
	if !ok {
		in.err = errors.New("the library breaks: it points beyond its memory")
	}
	return b
}

// words reads n numbers of 32 bits.
func (in *instance) words(at uint64, n int) []uint32 {
	out := make([]uint32, n)
	b := in.bytes(at, int64(4*n))
	for i := range out {
		if len(b) >= 4*i+4 {
			out[i] = uint32(b[4*i]) | uint32(b[4*i+1])<<8 | uint32(b[4*i+2])<<16 | uint32(b[4*i+3])<<24
		}
	}
	return out
}

// decode calls the library's function of that name, and asks for its consent.
func (in *instance) decode(ctx context.Context, args ...uint64) {
	if in.call(ctx, "decode", args...) == 0 && in.err == nil {
		if in.err = ErrRefused; in.memory.full {
			in.err = ErrMemory
		}
	}
}
