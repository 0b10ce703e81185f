package audit

// RowBytes is what the MAC of an entry is made over.
var RowBytes = rowBytes
