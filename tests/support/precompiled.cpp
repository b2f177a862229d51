// The source that the test programs' precompiled header is made with: test_main.cpp itself must
// see Catch2 with CATCH_CONFIG_MAIN set and so goes without.
