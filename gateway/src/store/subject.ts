import { idOf, kindOf, topicOf, videoTopic } from '../delivery/topic.ts';

/**
 * The name by which a store counts what belongs to a topic: a video's is its id, which is what a store knew first; that of
 * anything else begins with a character that no id has.
 */
export function subjectOf(topic: string): string {
	return kindOf(topic) === 'video' ? idOf(topic) : `/${topic}`;
}

/** The topic of a subject: the reverse of {@link subjectOf}. */
export function topicOfSubject(subject: string): string {
	return subject.startsWith('/') ? subject.slice(1) : videoTopic(subject);
}

/** Between these two texts stand the subjects of the comments of a video, and no others: see `commentTopic`. */
export function commentsOf(video: string): { readonly low: string; readonly high: string } {
	const comments = subjectOf(topicOf('comment', video));
	// '0' is the character behind the slash.
	return { low: `${comments}/`, high: `${comments}0` };
}

/** Whether a subject is a comment. */
export function isComment(subject: string): boolean {
	return subject.startsWith('/comment:');
}
