/* Lua scripts, each in one block. The interpreter's state is shared: what a script leaves there,
 * the next one finds. */
#include "blocks.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

struct script {
    const char *name;
    const char *text;
};

static const struct script scripts[] = {
    {"fib", "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end\n"
            "return fib(18)"},
    {"strings", "words = {}\n"
                "for word in ('the quick brown fox jumps over the lazy dog'):gmatch('%a+') do\n"
                "  words[#words + 1] = word:upper():reverse() .. word:rep(3, '-'):sub(2, -2)\n"
                "end\n"
                "all = table.concat(words, ','):gsub('O', '0')\n"
                "return all, #all, all:byte(5), (all:gsub('%w', {A = '<A>', L = ''}))"},
    {"tables", "local squares, sum = {}, 0\n"
               "for i = 1, 2000 do squares[i] = i * i end\n"
               "for i = 1, 2000, 3 do squares[i] = nil end\n"
               "for k, v in pairs(squares) do sum = sum + k * v end\n"
               "keyed = {}\n"
               "for i = 1, 300 do keyed[string.char(65 + i % 26, 65 + i // 26)] = i end\n"
               "for k, v in pairs(keyed) do sum = sum ~ (v * k:byte(1) + k:byte(2)) end\n"
               "return sum"},
    {"closures",
     "local function counter() local n = 0 return function(by) n = n + by return n end end\n"
     "local a, b = counter(), counter()\n"
     "for i = 1, 1000 do a(i) b(a(1) % 7) end\n"
     "return a(0) * 100000 + b(0)"},
    {"objects",
     "local V = {}\n"
     "V.__index = V\n"
     "V.__add = function(a, b) return setmetatable({x = a.x + b.x, y = a.y - b.y}, V) end\n"
     "V.__lt = function(a, b) return a.x < b.x end\n"
     "function V.len(v) return v.x * v.x + v.y * v.y end\n"
     "local v = setmetatable({x = 0, y = 1 / 2}, V)\n"
     "for i = 1, 500 do v = v + setmetatable({x = i, y = i / 4}, V) end\n"
     "return v:len() // 1 | 0, v < v + v"},
    {"sort",
     "local t, x = {}, 42\n"
     "for i = 1, 3000 do x = (x * 1103515245 + 12345) % 2147483648; t[i] = x end\n"
     "table.sort(t, function(a, b) return a % 1000 < b % 1000 or a % 1000 == b % 1000 and a < b "
     "end)\n"
     "local sum = 0\n"
     "for i, v in ipairs(t) do sum = (sum * 31 + v) % 1000000007 end\n"
     "return sum, math.floor(math.sin(sum) * 1000000)"},
    {"collect", "local keep = setmetatable({}, {__mode = 'v'})\n"
                "kept = {17, {18}}\n"
                "for i = 1, 3000 do keep[i] = i == 17 and kept or {i, {i}} end\n"
                "collectgarbage()\n"
                "local n = 0\n"
                "for _ in pairs(keep) do n = n + 1 end\n"
                "collectgarbage('generational')\n"
                "for i = 1, 3000 do keep[i] = {i, {i}} end\n"
                "collectgarbage()\n"
                "collectgarbage('incremental')\n"
                "return n, kept[2][1]"},
    /* Lua throws and yields by longjmp. */
    {"throws",
     "local ok, thrown = pcall(error, {code = 7})\n"
     "local function deep(n) if n == 0 then error('bottom', 0) end return deep(n - 1) + 1 end\n"
     "return ok, thrown.code, xpcall(deep, function(m) return m .. '!' end, 50)"},
    {"coroutines",
     "local function generate(n) for i = 1, n do coroutine.yield(i) end return 'end' end\n"
     "local one, two, sum = coroutine.wrap(generate), coroutine.create(generate), 0\n"
     "for i = 1, 100 do sum = sum + one(100) * select(2, coroutine.resume(two, 100)) end\n"
     "return sum, one(), coroutine.status(two)"},
    {"finalizers", "local n = 0\n"
                   "for i = 1, 100 do setmetatable({}, {__gc = function() n = n + i end}) end\n"
                   "collectgarbage()\n"
                   "return n"},
    /* Of the C library: strcoll, strpbrk, strtod, snprintf. */
    {"compare", "table.sort(words) return table.concat(words, '<'), all:find('E+(.)', 5)"},
    {"numbers", "return 1 / 3 .. '|' .. tonumber('0x1p4') .. '|' .. 10 // 3"},
    {"errors",
     "local ok, message = pcall(function() local t; return t.x end)\n"
     "local _, thrown = pcall(error, {code = 7})\n"
     "return message, thrown.code, select(2, xpcall(error, function(m) return m .. '!' end, "
     "'no'))"},
};

static lua_State *state;

static void open_state(void) {
    atomic {
        state = luaL_newstate();
        luaL_requiref(state, "_G", luaopen_base, 1);
        luaL_requiref(state, "coroutine", luaopen_coroutine, 1);
        luaL_requiref(state, "table", luaopen_table, 1);
        luaL_requiref(state, "string", luaopen_string, 1);
        luaL_requiref(state, "math", luaopen_math, 1);
        lua_settop(state, 0);
    }
    ran_alone("open"); /* time */
}

static void run(const struct script *script) {
    int status;
    atomic {
        status = luaL_loadbufferx(state, script->text, strlen(script->text), script->name, "t");
    }
    ran_in_software("load");
    if (status != LUA_OK) {
        printf("%s: %s\n", script->name, lua_tostring(state, -1));
        exit(1);
    }
    atomic {
        lua_call(state, 0, LUA_MULTRET);
    }
    ran_in_software(script->name);
    printf("%s:", script->name);
    for (int i = 1, last = lua_gettop(state); i <= last; i++)
        printf(" %s", luaL_tolstring(state, i, NULL));
    puts("");
    lua_settop(state, 0);
}

int main(void) {
    open_state();
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        run(&scripts[i]);
    atomic {
        lua_close(state);
    }
}
