const VIDEO = 'video:';

/** The topic that carries what happens around a video. */
export function videoTopic(video: string): string {
	return VIDEO + video;
}

/** The video of a topic made by {@link videoTopic}. */
export function videoOf(topic: string): string {
	return topic.slice(VIDEO.length);
}
