# The everyday commands. CMake does the work: see CMakePresets.json and cmake/setup.sh.
.PHONY: build demo test fuzz format clean setup

build: setup
	cmake --preset release
	cmake --build --preset release

demo: build
	bash samples/demo.sh build/release

test: build
	cmake --preset sanitize
	cmake --build --preset sanitize
	ctest --preset release
	ctest --preset sanitize

# Random programs against themselves in atomic blocks, for so long.
FUZZ_SECONDS = 600
fuzz: build
	bash tests/differential/fuzz.sh build/release $(FUZZ_SECONDS)

format:
	git ls-files -co --exclude-standard '*.[ch]' '*.cpp' | xargs clang-format-19 -i

clean:
	rm -rf build

setup:
	sh cmake/setup.sh
