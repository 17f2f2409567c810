const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });

/** How long ago, in a word: `now`, `4 min`, `3 h`, `Mar 5`. A clock that is ahead of the gateway's says `now`. */
export function timeAgo(at: number, now: number): string {
	const minutes = Math.floor((now - at) / 60_000);
	if (minutes < 1) return 'now';
	if (minutes < 60) return `${minutes} min`;
	if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
	return day.format(at);
}
