import type { Audience } from '../workload/audience.ts';

/** Returns which viewer received a wrong number of viewers last; undefined when none did. */
export function wrongViewerCount(videos: readonly string[], audiences: readonly Audience[]): string | undefined {
	const sessions = audiences.flatMap((audience) => [...audience.sessions]);
	for (const video of videos) {
		const there = sessions.filter((session) => session.videos.includes(video));
		const wrong = there.find(({ viewer }) => viewer.viewers.get(video) !== there.length);
		if (wrong === undefined) continue;
		return `${wrong.viewer.name}: ${there.length} watch ${video}, and it received ${wrong.viewer.viewers.get(video)}`;
	}
	return undefined;
}
