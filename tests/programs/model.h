/* model.h - random operations on versions of a structure, in blocks, against a plain model.
 *
 * A thread plans a block first: some steps, and what the model says before and after each of
 * them. Then it runs them in a block, which checks all that it sees. Blocks are cancelled, as a
 * whole or one step of them; steps are alternatives that retry; they meet other threads' and start
 * again; they put versions in cells that all share and take versions from there. The model is no
 * part of the block: what the plan says holds once the block has committed, so it can't be undone
 * together with a fault.
 *
 * The program that includes this has defined before:
 *   structure                  the type, and retain(), release(), new_one() for it
 *   struct reference           what a version has
 *   struct step                with the members to, from, other, third (slots), random
 *   KINDS                      of steps: step->kind
 *   model_step(step, state)    what the step makes of the references of the slots
 *   run_step(step, slots, before, after)
 *   check_all(version, reference) */
#ifndef MODEL_H
#define MODEL_H

enum { THREADS = 4, CELLS = 3 };

typedef void check_fn(structure *version, const struct reference *reference);

struct plan {
    int steps, cancel_before; /* the latter is `steps` or more if the block commits */
    int put_before, take;     /* as above; the slot or -1 */
    int slot, cell;           /* what is put where, or is taken from where */
    bool meets;
    struct step step[MOST_STEPS];
    bool undone[MOST_STEPS]; /* the step is in a block of its own that is undone alone */
    struct reference before[MOST_STEPS + 1][SLOTS];
};

static struct worker {
    uint64_t random;
    structure *slots[SLOTS];
    struct reference references[SLOTS], taken;
    struct plan plan;
    char apart[128];
} workers[THREADS];

static struct cell {
    structure *version;
    struct reference reference;
} cells[CELLS];

static uint64_t meetings;

static uint32_t draw(uint64_t *random, uint32_t below) {
    return (uint32_t)(next_random(random) >> 32) % below;
}

/* ---- planning: outside blocks ---- */

static void plan_step(struct worker *w, int i) {
    struct plan *plan = &w->plan;
    struct step *step = &plan->step[i];
    uint64_t *random = &w->random;
    *step = (struct step){.kind = (int)draw(random, KINDS),
                          .to = (int)draw(random, SLOTS),
                          .from = (int)draw(random, SLOTS),
                          .other = (int)draw(random, SLOTS),
                          .third = (int)draw(random, SLOTS),
                          .random = next_random(random)};
    if (draw(random, 2))
        step->from = step->to;
    plan->undone[i] = draw(random, 8) == 0;
    memcpy(plan->before[i + 1], plan->before[i], sizeof plan->before[i]);
    if (!plan->undone[i])
        model_step(step, plan->before[i + 1]);
}

static void make_plan(struct worker *w) {
    struct plan *plan = &w->plan;
    uint64_t *random = &w->random;
    plan->steps = 1 + (int)draw(random, MOST_STEPS);
    plan->cancel_before = (int)draw(random, draw(random, 2) ? 1000 : 2 * MOST_STEPS);
    plan->put_before = (int)draw(random, 4 * MOST_STEPS);
    plan->slot = (int)draw(random, SLOTS);
    plan->cell = (int)draw(random, CELLS);
    plan->take = draw(random, 8) == 0 ? (int)draw(random, SLOTS) : -1;
    plan->meets = draw(random, 4) == 0;
    memcpy(plan->before[0], w->references, sizeof w->references);
    for (int i = 0; i < plan->steps; i++)
        plan_step(w, i);
}

/* ---- in blocks ---- */

static void replace(structure **slot, structure *version) {
    CHECK(version);
    release(*slot);
    *slot = version;
}

static void put(struct cell *cell, structure *version, const struct reference *reference) {
    replace(&cell->version, retain(version));
    cell->reference = *reference;
}

static void take(struct worker *w, struct cell *cell, int slot) {
    replace(&w->slots[slot], retain(cell->version));
    w->taken = cell->reference;
    check_all(w->slots[slot], &w->taken);
}

static void run_one(struct worker *w, int i) {
    const struct plan *plan = &w->plan;
    struct reference after[SLOTS];
    if (!plan->undone[i]) {
        run_step(&plan->step[i], w->slots, plan->before[i], plan->before[i + 1]);
        return;
    }
    memcpy(after, plan->before[i], sizeof after);
    model_step(&plan->step[i], after);
    if (plan->step[i].random >> 60 & 1) {
        atomic {
            run_step(&plan->step[i], w->slots, plan->before[i], after);
            atomic_cancel();
        }
    } else {
        atomic_either {
            run_step(&plan->step[i], w->slots, plan->before[i], after);
            atomic_retry();
        }
        atomic_or_else {}
    }
}

static void run_plan(struct worker *w) {
    const struct plan *plan = &w->plan;
    atomic {
        if (plan->meets)
            meetings++;
        for (int i = 0; i < plan->steps; i++) {
            if (i == plan->cancel_before)
                atomic_cancel();
            if (i == plan->put_before)
                put(&cells[plan->cell], w->slots[plan->slot], &plan->before[i][plan->slot]);
            run_one(w, i);
            linger(plan->step[i].random);
        }
        if (plan->take >= 0)
            take(w, &cells[plan->cell], plan->take);
    }
    if (plan->cancel_before < plan->steps)
        return;
    memcpy(w->references, plan->before[plan->steps], sizeof w->references);
    if (plan->take >= 0)
        w->references[plan->take] = w->taken;
}

/* ---- whole runs ---- */

static int blocks_of_each;

static void work(int number) {
    struct worker *w = &workers[number];
    for (int i = 0; i < blocks_of_each; i++) {
        make_plan(w);
        run_plan(w);
        int slot = (int)draw(&w->random, SLOTS);
        check_all(w->slots[slot], &w->references[slot]);
        if (i % 64 == 0)
            ame_map_reclaim(100);
    }
    for (int i = 0; i < SLOTS; i++)
        check_all(w->slots[i], &w->references[i]);
}

/* Other runs: the program's argument. */
static uint64_t seed_of(int argc, char **argv) {
    return argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
}

static void run_model(int threads, int blocks, uint64_t seed) {
    blocks_of_each = blocks;
    for (int t = 0; t < threads; t++) {
        workers[t].random = seed * THREADS + (uint64_t)t;
        memset(workers[t].references, 0, sizeof workers[t].references);
        for (int i = 0; i < SLOTS; i++)
            CHECK((workers[t].slots[i] = new_one()));
    }
    memset(cells, 0, sizeof cells);
    for (int i = 0; i < CELLS; i++)
        CHECK((cells[i].version = new_one()));
    run_threads(threads, work);
    for (int i = 0; i < CELLS; i++) {
        check_all(cells[i].version, &cells[i].reference);
        release(cells[i].version);
    }
    for (int t = 0; t < threads; t++)
        for (int i = 0; i < SLOTS; i++)
            release(workers[t].slots[i]);
    ame_map_reclaim(SIZE_MAX);
}

#endif
