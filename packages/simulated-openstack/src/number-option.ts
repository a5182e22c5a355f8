/** The value of an option that is a number. */
import { InvalidArgumentError } from 'commander';

/** A number within bounds. @throws InvalidArgumentError */
export const among =
  (least: number, most: number, isWhole = true) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`a number from ${least} to ${most} is expected.`);
  };
