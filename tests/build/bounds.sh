#!/bin/sh
# every bound in the sources is listed, with the test that fills it
exec python3 tests/bounds.py
