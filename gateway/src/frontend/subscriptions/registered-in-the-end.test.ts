import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RegisteringFrontend } from '../../../test/registering-frontend.ts';
import { viewOf } from '../../../test/views.ts';
import type { SubscriptionTable } from '../../dispatcher/fan-out/subscription-table.ts';
import { MAX_RETRY_MS } from '../../outbox/peer-queue.ts';
import type { RegistrationMessage } from './subscription-sync.ts';

const view = viewOf({ dispatchers: ['d1', 'd2'] });

describe('SubscriptionSync, with lost, doubled and late messages', () => {
	const names = Array.from({ length: 6 }, (_, index) => `video:v${index}`);
	const rings = [view, viewOf({ dispatchers: ['d1'] }), viewOf({ dispatchers: ['d2', 'd3'] })].map(({ ring }) => ring);
	const step = fc.oneof(
		fc.record({ kind: fc.constant('follow' as const), topic: fc.constantFrom(...names), count: fc.nat(5) }),
		fc.record({ kind: fc.constant('leave' as const), topic: fc.constantFrom(...names) }),
		fc.record({ kind: fc.constant('ring' as const), index: fc.nat(2) }),
		fc.record({ kind: fc.constantFrom('arrives', 'lost', 'answer lost', 'late', 'digest') }),
	);

	it('registers in the end each topic with its owner, and with no other dispatcher', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
				const frontend = new RegisteringFrontend(view.ring);
				const late: RegistrationMessage[] = [];
				let ring = view.ring;
				for (const one of steps) {
					frontend.now += 200;
					if (one.kind === 'follow') frontend.follow(one.topic, one.count);
					else if (one.kind === 'leave') {
						frontend.topics.delete(one.topic);
						frontend.sync.changed(one.topic);
					} else if (one.kind === 'ring') {
						ring = rings[one.index] as typeof ring;
						frontend.sync.setRing(ring);
					} else if (one.kind === 'digest') frontend.sync.digest();
					else {
						for (const outgoing of frontend.sync.take(frontend.now)) {
							if (one.kind === 'late') late.push(outgoing);
							if (one.kind === 'answer lost') frontend.answer(outgoing);
							if (one.kind === 'arrives') frontend.sync.arrived(outgoing, frontend.answer(outgoing));
							else frontend.sync.failed(outgoing, frontend.now);
						}
						if (one.kind === 'arrives') for (const outgoing of late.splice(0, 1)) frontend.answer(outgoing);
					}
				}
				for (const outgoing of late) frontend.answer(outgoing);
				frontend.now += MAX_RETRY_MS;
				frontend.sync.digest();
				frontend.deliverAll();
				for (const { node } of ring.members) {
					const table = frontend.tables.get(node) as SubscriptionTable;
					const owned = [...frontend.topics].filter(([topic]) => ring.owner(topic) === node);
					expect(new Map([...table.topics()].map((topic) => [topic, table.viewers(topic)]))).toEqual(new Map(owned));
				}
			}),
		);
	});
});
