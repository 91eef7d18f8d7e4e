// Package kratosconf is the configuration of Kratos as Go values: the file, the
// environment, and what must hold of them. There are no
// templates, so a value can only ever be a value, whatever characters it has.
//
// What is here is pure: nothing reads a file, an environment or a network. The
// names of keys are those of Kratos 1.3.1's own configuration schema.
package kratosconf
