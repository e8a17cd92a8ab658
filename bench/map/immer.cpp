// immer.cpp - immer::map, with its default memory policy (atomic counts, free lists).
// Part of the program only where immer's headers are found: -DCMAKE_PREFIX_PATH=... or
// -DAME_IMMER_INCLUDE=...
#include "subject.h"

#include <immer/algorithm.hpp>
#include <immer/map.hpp>
#include <immer/map_transient.hpp>

#define XXH_INLINE_ALL
#include <string>
#include <vector>
#include <xxhash.h>

namespace {

struct int_hash {
    size_t operator()(int64_t key) const { return XXH3_64bits(&key, sizeof key); }
};
struct text_hash {
    size_t operator()(const std::string &key) const { return XXH3_64bits(key.data(), key.size()); }
};

struct ints {
    using map = immer::map<int64_t, uint64_t, int_hash>;
    static int64_t key(uint32_t i) { return int_keys[i]; }
    static int64_t pick(struct picks picks, size_t i) { return picks.ints[i]; }
};
struct texts {
    using map = immer::map<std::string, uint64_t, text_hash>;
    // Made before anything is measured: a lookup is not to pay for a std::string.
    static const std::string &key(uint32_t i) { return strings[i]; }
    static const std::string &pick(struct picks picks, size_t i) {
        return (
            *static_cast<const std::vector<std::string> *>(picks.strings))[picks.first_string + i];
    }
    static std::vector<std::string> strings;
};
std::vector<std::string> texts::strings;

template <typename K> struct functions {
    using map = typename K::map;
    static map &of(void *p) { return *static_cast<map *>(p); }

    static void *build(size_t count) {
        auto t = map{}.transient();
        for (uint32_t i = 0; i < count; i++)
            t.set(K::key(i), i);
        return new map(t.persistent());
    }
    static size_t look_up(void *p, struct picks picks) {
        const map &m = of(p);
        size_t found = 0;
        for (size_t i = 0; i < picks.count; i++)
            found += m.find(K::pick(picks, i)) != nullptr;
        return found;
    }
    static void *set(void *p, struct picks picks, uint64_t value) {
        map m = std::move(of(p));
        for (size_t i = 0; i < picks.count; i++) {
            map next = m.set(K::pick(picks, i), value + i);
            m = next;
        }
        of(p) = m;
        return p;
    }
    static void *remove(void *p, struct picks picks) {
        map m = std::move(of(p));
        for (size_t i = 0; i < picks.count; i++) {
            map next = m.erase(K::pick(picks, i));
            m = next;
        }
        of(p) = m;
        return p;
    }
    static void *set_in_batch(void *p, struct picks picks, uint64_t value) {
        auto t = of(p).transient();
        for (size_t i = 0; i < picks.count; i++)
            t.set(K::pick(picks, i), value + i);
        of(p) = t.persistent();
        return p;
    }
    static uint64_t iterate(void *p) {
        uint64_t sum = 0;
        immer::for_each(of(p), [&](auto &&entry) { sum += entry.second; });
        return sum;
    }
    static void *keep(void *p) { return new map(of(p)); }
    static size_t diff(void *one, void *other) {
        size_t count = 0;
        immer::diff(
            of(one), of(other), [&](auto &&) { count++; }, [&](auto &&) { count++; },
            [&](auto &&, auto &&) { count++; });
        return count;
    }
    static void destroy(void *p) { delete static_cast<map *>(p); }

    static constexpr struct subject subject = {
        "immer", 1,       0,    build, nullptr, look_up, nullptr, set,     remove, set_in_batch,
        nullptr, iterate, keep, diff,  nullptr, destroy, nullptr, nullptr, nullptr};
};

} // namespace

extern "C" {
void immer_prepare(size_t keys) {
    texts::strings.assign(text_keys, text_keys + keys);
}
void *immer_strings(char *const *texts, size_t count) {
    return new std::vector<std::string>(texts, texts + count);
}
void immer_free_strings(void *strings) {
    delete static_cast<std::vector<std::string> *>(strings);
}
extern const struct subject immer_ints = functions<ints>::subject;
extern const struct subject immer_texts = functions<texts>::subject;
}
