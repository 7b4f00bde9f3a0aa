/** What a checkpoint folder holds for the training that goes on from it, and for nothing else. */

/** Of `narrow.py`: what bf16 leaves out of the weights. */
const FOLDER = 'training/';

/** @param path - Inside the checkpoint folder */
export const isTrainingState = (path: string): boolean => path.startsWith(FOLDER);
