package relation

import (
	"encoding/binary"
	"hash/crc32"
)

// xz puts data into a .xz file (https://tukaani.org/xz/xz-file-format.txt)
// without making it any smaller. The readers of dashboards take nothing but xz;
// a dashboard has some ten kilobytes, for which no compressor is worth its
// weight.
func xz(data []byte) []byte {
	const crc32Check = 0x01
	flags := []byte{0, crc32Check}
	file := append([]byte{0xFD, '7', 'z', 'X', 'Z', 0}, withSum(flags)...)

	// The block's header: its length, no optional fields, one filter (LZMA2, one
	// byte of properties: a dictionary of 64 KiB), padding.
	header := withSum([]byte{2, 0, 0x21, 1, 8, 0, 0, 0})
	chunks := stored(data)
	check := binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(data))
	file = append(file, header...)
	file = append(file, pad(chunks)...)
	file = append(file, check...)

	index := []byte{0, 1} // its mark, one block
	index = binary.AppendUvarint(index, uint64(len(header)+len(chunks)+len(check)))
	index = withSum(pad(binary.AppendUvarint(index, uint64(len(data)))))
	file = append(file, index...)

	footer := binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4-1))
	footer = append(footer, flags...)
	file = binary.LittleEndian.AppendUint32(file, crc32.ChecksumIEEE(footer))
	return append(append(file, footer...), 'Y', 'Z')
}

// stored gives the data as LZMA2 chunks that are not compressed.
func stored(data []byte) []byte {
	const longest = 1 << 16
	var chunks []byte
	control := byte(1) // the first chunk resets the dictionary
	for len(data) > 0 {
		n := min(len(data), longest)
		chunks = binary.BigEndian.AppendUint16(append(chunks, control), uint16(n-1))
		chunks = append(chunks, data[:n]...)
		data, control = data[n:], 2
	}
	return append(chunks, 0)
}

// pad fills up with zeros to a multiple of four.
func pad(b []byte) []byte {
	return append(b[:len(b):len(b)], make([]byte, (4-len(b)%4)%4)...)
}

// withSum puts the CRC32 of the bytes behind them.
func withSum(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(b[:len(b):len(b)], crc32.ChecksumIEEE(b))
}
