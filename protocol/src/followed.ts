/** What a connection follows, by kind. */
export interface Followed {
	readonly videos: readonly string[];
	readonly conversations: readonly string[];
	/** The people whose presence it shows. */
	readonly presence: readonly string[];
	/** Topics of an operator's own. */
	readonly topics: readonly string[];
}
