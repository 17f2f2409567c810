import { type Changes, type DigestCost, DigestRounds } from '../fan-out/digest-round.ts';
import type { Figure, Plot, Scenario } from '../scenario.ts';

/** The number of frontends: the cost of a digest does not depend on it. */
const FRONTENDS = 20;

/** The topics of each frontend. */
const TOPICS = [100, 1_000, 10_000];

/** A round of a large cluster. */
const LARGE = { frontends: 180, topics: 1_001 };

/** The number of rounds, of which the median counts: other processes may disturb one. */
const ROUNDS = 5;

export const digests: Scenario = {
	name: 'digests',
	about:
		'the CPU of the digests between frontends and a dispatcher, by topics that they follow and topics that changed',
	seconds: 0,
	ownCode: true,

	async run({ quick, progress }) {
		const figures: Figure[] = [];
		const details: Record<string, DigestCost> = {};
		const costs: CostByTopics[] = [];
		for (const topics of quick ? TOPICS.slice(0, 1) : TOPICS) {
			progress(`${FRONTENDS} frontends with ${topics} topics each`);
			const rounds = new DigestRounds(FRONTENDS, topics);
			for (const [name, changes] of Object.entries(casesOf(topics))) {
				const cost = medianOf(rounds, changes);
				const label = `${topics} topics, ${name}`;
				details[label] = cost;
				costs.push({ name, topics, cost });
				figures.push({ label: `${label}: dispatcher`, value: cost.dispatcherUs, unit: 'µs of CPU' });
				figures.push({ label: '  the frontend', value: cost.frontendUs, unit: 'µs of CPU' });
				figures.push({ label: '  in requests', value: cost.requests, unit: '' });
				figures.push({ label: '  bytes in both directions', value: cost.bytes, unit: 'B' });
			}
		}
		const plots = plotsOf(costs);
		if (quick) return { figures, checks: [], plots, details };
		progress(`${LARGE.frontends} frontends with ${LARGE.topics} topics each`);
		const rounds = new DigestRounds(LARGE.frontends, LARGE.topics);
		for (const [name, changes] of Object.entries(casesOf(LARGE.topics))) {
			const cost = medianOf(rounds, changes);
			const label = `a round of ${LARGE.frontends} × ${LARGE.topics}, ${name}`;
			details[label] = cost;
			const value = (cost.dispatcherUs * LARGE.frontends) / 1_000;
			figures.push({ label: `${label}: dispatcher`, value, unit: 'ms of CPU' });
		}
		return { figures, checks: [], plots, details };
	},
};

interface CostByTopics {
	/** What changed. */
	readonly name: string;
	readonly topics: number;
	readonly cost: DigestCost;
}

/** Returns the plots of the cost of a digest by the topics of a frontend. */
function plotsOf(costs: readonly CostByTopics[]): Plot[] {
	const plot = (name: string, title: string, y: string, valueIn: (cost: DigestCost) => number): Plot => ({
		...{ name, title, x: 'topics of a frontend', y, logarithmic: 'both' },
		lines: [...new Set(costs.map((one) => one.name))].map((line) => ({
			name: line,
			points: costs.filter((one) => one.name === line).map(({ topics, cost }) => [topics, valueIn(cost)] as const),
		})),
	});
	return [
		plot('cpu', 'CPU of a dispatcher for a digest', 'µs of CPU', ({ dispatcherUs }) => dispatcherUs),
		plot('bytes', 'Bytes of a digest in both directions', 'B', ({ bytes }) => bytes),
	];
}

function casesOf(topics: number): Readonly<Record<string, Changes>> {
	return {
		'nothing changed': { topics: 0, received: true },
		'one changed': { topics: 1, received: true },
		'one changed and was lost': { topics: 1, received: false },
		'all changed': { topics, received: true },
		'all changed and were lost': { topics, received: false },
	};
}

function medianOf(rounds: DigestRounds, changes: Changes): DigestCost {
	rounds.round(changes);
	const costs = Array.from({ length: ROUNDS }, () => rounds.round(changes));
	costs.sort((a, b) => a.dispatcherUs - b.dispatcherUs);
	return costs[Math.floor(ROUNDS / 2)] as DigestCost;
}
