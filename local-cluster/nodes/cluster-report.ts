const ANSWER_TIMEOUT_MS = 5_000;

/** What a node makes of another one. */
export type MemberState = 'self' | 'alive' | 'suspect' | 'out' | 'leaving' | 'unknown';

/** A node as `GET /v1/cluster` of a node tells of it; figures are of the last time it was heard of. */
export interface ReportedMember {
	readonly node: string;
	readonly region: string;
	readonly roles: readonly string[];
	readonly version?: string;
	/** Tells one life of a node from the next. */
	readonly incarnation?: number;
	readonly state: MemberState;
	/** Its part of the ring, from 0 to 1; dispatchers have one. */
	readonly share?: number;
	readonly connections?: number;
	readonly topics?: number;
	readonly rows?: number;
	readonly dropped?: number;
	/** Events that went to every frontend because the owner was in doubt, and others. */
	readonly counters?: Readonly<Record<string, number>>;
}

/** What a node says of its cluster. */
export interface ClusterReport {
	readonly node: string;
	readonly region: string;
	/** Names the ring: nodes with the same view send the same topic to the same dispatcher. */
	readonly view: string;
	readonly members: readonly ReportedMember[];
}

/** Asks a node for what it knows of its cluster. Rejects when it does not answer. */
export async function fetchClusterReport(node: { readonly internalUrl: string }): Promise<ClusterReport> {
	const address = `${node.internalUrl}/v1/cluster`;
	const response = await fetch(address, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
	if (!response.ok) throw new Error(`${address} answers ${response.status}`);
	return (await response.json()) as ClusterReport;
}

/** The connections that a node has, as it reports itself. */
export async function connectionsOf(node: { readonly internalUrl: string }): Promise<number> {
	const { members } = await fetchClusterReport(node);
	return members.find(({ state }) => state === 'self')?.connections ?? 0;
}
