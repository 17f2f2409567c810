const ANSWER_TIMEOUT_MS = 5_000;

/** The state of a node in the view of another. */
export type MemberState = 'self' | 'alive' | 'suspect' | 'out' | 'leaving' | 'unknown';

/** A member in the answer of `GET /v1/cluster`; its figures are those of its last ping. */
export interface ReportedMember {
	readonly node: string;
	readonly region: string;
	readonly roles: readonly string[];
	readonly version?: string;
	/** Changes with each start of the node. */
	readonly incarnation?: number;
	readonly state: MemberState;
	/** The share of the ring of a dispatcher, from 0 to 1. */
	readonly share?: number;
	readonly connections?: number;
	readonly topics?: number;
	readonly rows?: number;
	readonly dropped?: number;
	/** Counters such as `floods`: events that went to every frontend, since their owner was uncertain. */
	readonly counters?: Readonly<Record<string, number>>;
}

/** The answer of `GET /v1/cluster`. */
export interface ClusterReport {
	readonly node: string;
	readonly region: string;
	/** The name of the ring: nodes with the same view send a topic to the same dispatcher. */
	readonly view: string;
	readonly members: readonly ReportedMember[];
}

/** Reads the cluster report of a node. Rejects when the node does not answer. */
export async function fetchClusterReport(node: { readonly internalUrl: string }): Promise<ClusterReport> {
	const address = `${node.internalUrl}/v1/cluster`;
	const response = await fetch(address, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
	if (!response.ok) throw new Error(`${address} answers ${response.status}`);
	return (await response.json()) as ClusterReport;
}

/** Resolves with the number of connections that a node reports. */
export async function connectionsOf(node: { readonly internalUrl: string }): Promise<number> {
	const { members } = await fetchClusterReport(node);
	return members.find(({ state }) => state === 'self')?.connections ?? 0;
}
