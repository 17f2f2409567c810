import fc from 'fast-check';
import { expect, it } from 'vitest';
import { update } from '../../../test/arbitraries.ts';
import { TopicTable } from '../topic/topic-table.ts';

const TOPICS = ['video:a', 'user:b', 'conversation:c'];
const COMMENTS = ['comment:a/c1/ann', 'comment:a/c2/bob'];

const step = fc.oneof(
	fc.record({ kind: fc.constant('deliver' as const), topic: fc.constantFrom(...TOPICS, ...COMMENTS), update }),
	fc.record({ kind: fc.constant('visit' as const), topic: fc.constantFrom(...TOPICS) }),
	fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(100, 9_000, 20_000) }),
);

it('names each topic whose registration changed', () => {
	fc.assert(
		fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
			const named = new Set<string>();
			const name = (topic: string) => named.add(topic);
			const table = new TopicTable({ windowMs: 50, commentsPerSecond: 0, onCount: name, onState: name });
			const before = new Map<string, unknown>();
			let now = 0;
			for (const one of steps) {
				named.clear();
				if (one.kind === 'visit') table.visit(one.topic, now);
				else if (one.kind === 'deliver') table.deliver(new Map([[one.topic, one.update]]));
				else {
					now += one.ms;
					table.run(now, 100);
					table.tick(now);
				}
				for (const topic of TOPICS) {
					const registration = table.registration(topic);
					if (!named.has(topic)) expect(registration).toEqual(before.get(topic));
					before.set(topic, registration);
				}
			}
		}),
	);
});
