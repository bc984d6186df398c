package pipeline_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Whatever a scan starts it waits for.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
