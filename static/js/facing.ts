import type { Face } from './faces';
import type { Frame, Point } from './frame';

/**
 * The side of a face in a photo, in sides of the photo. Head and shoulders then
 * fill it, and hair has room above.
 */
export const FACE_SHARE = 0.45;

/**
 * How far the middle of a face lies below that of the photo, in sides of it. The
 * eyes are a quarter of the way from the brow to the chin, so they come at 42 %
 * from the top.
 */
const FACE_DROP = 0.03;

/** How far from the middle of a round photo a face may reach, in sides of it; at 0.5 the photo ends. */
const REACH = 0.46;

/** Faces smaller than this part of the largest one are passers-by. */
const PASSER_BY = 0.4;

/** What there is to say about the faces of a framed photo. */
export type FaceRemark = 'fine' | 'none' | 'outside' | 'several' | 'edge';

/**
 * The face that a photo is about: the largest, where one in the middle of the
 * picture counts twice as much as one in a corner. Undefined if there is none.
 */
export function mainFace(faces: readonly Face[], { picture: { width, height } }: Frame): Face | undefined {
	const weight = ({ x, y, side }: Face): number => {
		const off = Math.hypot(x - width / 2, y - height / 2) / Math.hypot(width / 2, height / 2);
		return side * (1 - off / 2);
	};
	return [...faces].sort((a, b) => weight(b) - weight(a))[0];
}

/** The frame on a face, turned as frame is and as far as the picture reaches. */
export function framedOn(frame: Frame, face: Face): Frame {
	return frame.around(face, face.side / FACE_SHARE).moved({ x: 0, y: FACE_DROP });
}

/** The faces without those of passers-by. */
export function peopleIn(faces: readonly Face[]): Face[] {
	const largest = Math.max(...faces.map(face => face.side));
	return faces.filter(face => face.side >= largest * PASSER_BY);
}

/** Says what a person may want to know about the faces in a frame, of all faces of the picture. */
export function remarkOn(faces: readonly Face[], frame: Frame): FaceRemark {
	if (faces.length === 0) return 'none';
	const offset = (face: Face): Point => frame.seen(face);
	const inside = faces.filter(face => Math.max(Math.abs(offset(face).x), Math.abs(offset(face).y)) < 0.5);
	if (inside.length === 0) return 'outside';
	const people = peopleIn(inside);
	if (people.length > 1) return 'several';
	const [face] = people;
	const reach = face ? Math.hypot(offset(face).x, offset(face).y) + face.side / frame.sidePx / 2 : 0;
	return reach > REACH ? 'edge' : 'fine';
}
