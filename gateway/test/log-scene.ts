import type { Hub } from '../src/frontend/connections/hub.ts';
import { createLogSupply } from '../src/frontend/topic/log-supply.ts';
import type { Resume } from '../src/frontend/topic/resume.ts';
import { parseCursor } from '../src/state/cursor.ts';
import type { Update } from '../src/state/update.ts';
import { FakeViewer } from './fake-viewer.ts';
import { makeHub } from './hub.ts';
import { LogsModel, type Region, TOPIC } from './models/log-model.ts';

/**
 * Returns a hub with one viewer, a log of `before` comments, and a function that adds comments.
 *
 * @param isKnown whether the hub has the heads of the logs before the viewer subscribes.
 */
export function scene(before = 0, { commentsPerSecond = 0, isKnown = true, supply = createLogSupply() } = {}) {
	const [hub, logs] = [makeHub({ commentsPerSecond, supply }), new LogsModel()];
	for (let count = 0; count < before; count++) logs.say('eu');
	const deliver = (update: Update) => hub.topics.deliver(new Map([[TOPIC, update]]));
	const come = (name: string, now: number, resume?: Resume) => {
		const viewer = new FakeViewer(hub, name, { now });
		hub.subscribe(viewer.connection, TOPIC, now, resume);
		return viewer;
	};
	const first = come('first', 0);
	if (isKnown) deliver(logs.all());
	hub.run(0);
	return {
		hub,
		logs,
		deliver,
		come,
		first,
		say(now: number, region: Region = 'eu') {
			const event = logs.say(region);
			deliver(logs.update(region, [event]));
			hub.run(now);
			return event;
		},
	};
}

/** Returns the ids of received comments, the ids of deletions with a minus, and the reasons of gaps. */
export const sent = ({ events }: FakeViewer) =>
	events.flatMap((event) => {
		if (event.name === 'comment') return [event.data.id];
		if (event.name === 'comment-deleted') return [`-${event.data.id}`];
		return event.name === 'gap' ? [event.data.reason] : [];
	});

/** Returns the position at which a viewer resumes. */
export const at = (offset: number, epoch = 1, region = 'eu'): Resume => ({
	from: new Map([[region, { epoch, offset }]]),
});

/** Answers the fetches of a hub until it has none. */
export function serve(hub: Hub, logs: LogsModel, from: number, look: () => void = () => undefined): void {
	for (let now = from; now < from + 60_000; now += 10) {
		for (const fetch of hub.topics.takeFetches(now)) hub.topics.fetched(fetch, logs.answer(fetch), now);
		look();
		const next = hub.run(now);
		if (next === undefined) return;
	}
}

/** Returns the cursors at which a viewer begins, or continues after a gap. */
export const cursors = ({ events }: FakeViewer) =>
	events.flatMap(({ name, id }) => (name === 'cursor' || name === 'gap' ? [parseCursor(id ?? '')] : []));
