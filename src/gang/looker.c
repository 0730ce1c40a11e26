/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "looker.h"

#include "h7gang/base/clock.h"

bool looker_init(struct looker *looker)
{
	looker->ending = looker->ended = looker->left = false;
	if (pthread_mutex_init(&looker->lock, NULL) != 0)
		return false;
	if (clock_cond_init(&looker->wake) == 0)
		return true;
	pthread_mutex_destroy(&looker->lock);
	return false;
}

void looker_destroy(struct looker *looker)
{
	pthread_cond_destroy(&looker->wake);
	pthread_mutex_destroy(&looker->lock);
}

bool looker_ended(struct looker *looker)
{
	bool left;

	pthread_mutex_lock(&looker->lock);
	looker->ended = true;
	left = looker->left;
	pthread_cond_broadcast(&looker->wake);
	pthread_mutex_unlock(&looker->lock);
	return left;
}

bool looker_end(struct looker *looker)
{
	int64_t deadline = clock_after_ms(LOOKER_END_MS);
	pthread_t thread = looker->thread;
	bool ended;

	pthread_mutex_lock(&looker->lock);
	looker->ending = true;
	pthread_cond_broadcast(&looker->wake);
	while (!looker->ended && clock_wait_until(&looker->wake, &looker->lock, deadline))
		;
	ended = looker->ended;
	looker->left = !ended;
	pthread_mutex_unlock(&looker->lock);
	if (ended)
		pthread_join(thread, NULL);
	else
		pthread_detach(thread);
	return ended;
}
