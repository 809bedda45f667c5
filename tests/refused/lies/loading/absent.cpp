// The library that lacks_library needs, put where nobody looks for it.
int absent_answer();
int absent_answer() { return 42; }
