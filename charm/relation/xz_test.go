package relation

import (
	"bytes"
	"math/rand/v2"
	"os/exec"
	"testing"

	"github.com/kratos-agent/kratos-agent/internal/testneed"
)

// TestXZ has the reference implementation unpack what was packed, at the sizes
// where the format turns: nothing, each padding, the longest chunk.
func TestXZ(t *testing.T) {
	t.Parallel()
	tool, err := exec.LookPath("xz")
	if err != nil {
		testneed.Skip(t, "xz is not installed", "it unpacks what this package packs", "apt-get install xz-utils")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 2, 3, 4, 5, 1<<16 - 1, 1 << 16, 1<<16 + 1, 200_001} {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		unpack := exec.CommandContext(t.Context(), tool, "--decompress", "--stdout", "--format=xz")
		unpack.Stdin = bytes.NewReader(xz(data))
		var said bytes.Buffer
		unpack.Stderr = &said
		got, err := unpack.Output()
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes: unpacked to %d, error %v: %s", size, len(got), err, &said)
		}
	}
}
