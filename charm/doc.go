// Package charm is what the hooks do. Every hook is one pass, whatever its name:
// observe asks each fact once and gives a [World], plan says what should be, and
// apply does what is different. A pass keeps nothing that the next one could not
// find out again, so each can be cut anywhere and run again.
package charm
