const day = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' });

/** Returns the age as a short text: `now`, `4 min`, `3 h`, `Mar 5`. Times in the future are `now`. */
export function timeAgo(at: number, now: number): string {
	const minutes = Math.floor((now - at) / 60_000);
	if (minutes < 1) return 'now';
	if (minutes < 60) return `${minutes} min`;
	if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
	return day.format(at);
}
