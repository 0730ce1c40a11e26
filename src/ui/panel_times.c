/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Estimates times from the averages measured in this run. */
#include "h7gang/base/clock.h"
#include "panel_model.h"

#define RATE_LEAST_MS 60000 /* shortest time for a rate */

void panel_times_phase(struct panel_model *model, struct panel_cell *cell, enum gang_phase phase,
		       int64_t now)
{
	int64_t took = (now - cell->phase_began) / CLOCK_MS;
	int64_t *average = &model->phase_ms[cell->phase];

	if (phase == cell->phase && took == 0)
		return; /* it has just begun */
	/* Only of a first attempt: a retry may stop anywhere. */
	if (cell->phase_began && cell->attempt <= 1)
		*average = *average ? (3 * *average + took) / 4 : took > 0 ? took : 1;
	cell->phase = phase;
	cell->phase_began = now;
}

void panel_times_unit(struct panel_model *model, int64_t now)
{
	model->finish[model->finishes++ % PANEL_FINISHES] = now;
}

unsigned panel_model_units(const struct panel_model *model)
{
	return model->passed + model->failed + model->aborted + model->not_recorded;
}

unsigned panel_model_hourly(const struct panel_model *model, int64_t now)
{
	int64_t window = (now - model->began) / CLOCK_MS;
	unsigned kept = model->finishes < PANEL_FINISHES ? model->finishes : PANEL_FINISHES;
	unsigned count = 0;

	if (window < RATE_LEAST_MS)
		return 0;
	if (window > PANEL_RATE_MS)
		window = PANEL_RATE_MS;
	for (unsigned i = 0; i < kept; i++)
		count += now - model->finish[i] <= window * CLOCK_MS;
	return (unsigned)(count * INT64_C(3600000) / window);
}

/* Before anything is measured: program and verify take most of a unit. */
static const int64_t usual[] = {10, 50, 240, 400, 280, 10, 5, 5};
_Static_assert(sizeof(usual) / sizeof(usual[0]) == GANG_PHASE_COUNT, "a usual time for each phase");

static int64_t phase_weight(const struct panel_model *model, unsigned phase)
{
	/* A whole unit was measured. */
	return model->phase_ms[GANG_PHASE_RECORD] ? model->phase_ms[phase] : usual[phase];
}

unsigned panel_times_permille(const struct panel_model *model, const struct panel_cell *cell)
{
	int64_t all = 0, done = 0;

	for (unsigned i = 0; i < GANG_PHASE_COUNT; i++) {
		int64_t weight = phase_weight(model, i);

		all += weight;
		if (i < cell->phase)
			done += weight;
		else if (i == cell->phase)
			done += weight * cell->permille / 1000;
	}
	return all > 0 ? (unsigned)(done * 1000 / all) : 0;
}

int64_t panel_times_left_ms(const struct panel_model *model, const struct panel_cell *cell,
			    int64_t now)
{
	unsigned done = panel_times_permille(model, cell);
	int64_t left = 0, in_phase = (now - cell->phase_began) / CLOCK_MS;

	if (!model->phase_ms[GANG_PHASE_RECORD]) {
		if (done < 20)
			return -1;
		return (now - cell->started) / CLOCK_MS * (1000 - done) / done;
	}
	for (unsigned i = cell->phase; i < GANG_PHASE_COUNT; i++)
		left += model->phase_ms[i];
	if (in_phase > model->phase_ms[cell->phase])
		in_phase = model->phase_ms[cell->phase];
	return left - in_phase;
}

int64_t panel_model_left_ms(const struct panel_model *model, int64_t now)
{
	unsigned units = panel_model_units(model);
	int64_t elapsed = (now - model->began) / CLOCK_MS, most = -1, left;

	for (unsigned i = 0; !model->options->watch && i < model->count; i++) {
		if (model->cell[i].state != PANEL_WORKING)
			continue;
		left = panel_times_left_ms(model, &model->cell[i], now);
		most = left > most ? left : most;
	}
	if (!model->options->watch)
		return most;
	if (!model->options->count || units == 0 || units >= model->options->count)
		return -1;
	return elapsed * (model->options->count - units) / units;
}
