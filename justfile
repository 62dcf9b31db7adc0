# The recipes are the scripts: each works without just.

# list the recipes
default:
    @just --list

# the quick part of the checks, for every commit
check:
    scripts/check

# every check, with the tests on both databases
test:
    scripts/test

# the product with a world around it
demo *arguments:
    scripts/demo {{arguments}}

# the benchmarks
bench *arguments:
    scripts/bench {{arguments}}
