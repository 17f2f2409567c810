import type { MemberReport, WorkerFigures } from '../cluster/membership/member.ts';
import type { WorkersFigures } from '../workers/workers.ts';

/** Returns the report of a node with the figures of its workers: sums, and the load of the busiest worker. */
export function withWorkers(own: MemberReport, { topics, workers }: WorkersFigures): MemberReport {
	const reports = workers.flatMap(({ report }) => report ?? []);
	const sum = (figure: (report: MemberReport) => number) =>
		reports.reduce((total, report) => total + figure(report), 0);
	const levelOf = ({ load }: MemberReport) => load?.level ?? 0;
	const busiest = [...reports].sort((a, b) => levelOf(b) - levelOf(a))[0]?.load;
	return {
		...own,
		connections: sum(({ connections }) => connections),
		sockets: {
			open: sum(({ sockets }) => sockets.open),
			max: sum(({ sockets }) => sockets.max),
			refused: own.sockets.refused + sum(({ sockets }) => sockets.refused),
		},
		topics,
		...(busiest && { load: busiest }),
		refused: sumsOf([own, ...reports].map(({ refused }) => refused)),
		workers: workers.map(({ worker, pid, report }): WorkerFigures => {
			if (report === undefined) return { worker, pid };
			const { connections, sockets, topics, load } = report;
			return { worker, pid, connections, sockets, topics, ...(load && { load }) };
		}),
	};
}

/** Returns whether no worker that answers has room for another stream. */
export function isEachFull({ workers }: WorkersFigures): boolean {
	const reports = workers.flatMap(({ report }) => report ?? []);
	return reports.length > 0 && reports.every(({ sockets: { open, max } }) => open >= max);
}

function sumsOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
	const sums: Record<string, number> = {};
	for (const one of counts) {
		for (const [name, count] of Object.entries(one)) if (count > 0) sums[name] = (sums[name] ?? 0) + count;
	}
	return sums;
}
