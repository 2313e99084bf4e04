/**
 * The errors of this project. A class is named for what to do next, not for where the error happened.
 * A message is written for its reader, and never holds a value from outside.
 */
export abstract class PaymentsError extends Error {
  /** The HTTP status of the answer. */
  abstract readonly status: number;
  /** The `errorName` of the client protocol. */
  abstract readonly errorName: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A signature or a token is missing or wrong. Repeating does not help. */
export class Unauthentic extends PaymentsError {
  readonly status = 401;
  readonly errorName = 'UnauthorizedException';
}

/** The request does not have the form that its contract says. Repeating does not help. */
export class Malformed extends PaymentsError {
  readonly status = 400;
  readonly errorName = 'InvalidRequestParamsException';
}

/**
 * The caller's token of reCAPTCHA or App Check is missing or wrong. The status is 400, because apps
 * sign their user out for a 401. A new token may help.
 */
export class Unattested extends PaymentsError {
  readonly status = 400;
  readonly errorName: string = 'InvalidRequestParamsException';
}

export class AppUnattested extends Unattested {
  override readonly errorName = 'AppCheckException';
}

/** The caller is known, and may not do this. */
export class Forbidden extends PaymentsError {
  readonly status = 403;
  readonly errorName: string = 'ForbiddenException';
}

/** A password account must prove its e-mail address before it pays. */
export class EmailNotVerified extends Forbidden {
  override readonly errorName = 'EmailNotVerifiedException';
}

/** The deployment takes no orders of anonymous users. Signing up helps. */
export class AnonymousUser extends Forbidden {
  override readonly errorName = 'AnonymousUserException';
}

/** The Retail API has put the account on hold. Only its support can help. */
export class AccountOnHold extends Forbidden {
  override readonly errorName = 'AccountOnHoldException';
}

/** The object does not exist, or is another user's. The two must look alike. */
export class NotFound extends PaymentsError {
  readonly status = 404;
  readonly errorName = 'NotFoundException';
}

export class MethodNotAllowed extends PaymentsError {
  readonly status = 405;
  readonly errorName = 'MethodNotAllowedException';
  readonly allow: string;

  constructor(allow: string) {
    super(`Use ${allow}.`);
    this.allow = allow;
  }
}

/** The gateway is draining: it takes no new orders. Another gateway helps. */
export class GatewayClosed extends PaymentsError {
  readonly status = 410;
  readonly errorName = 'GatewayClosedException';
}

export class PayloadTooLarge extends PaymentsError {
  readonly status = 413;
  readonly errorName = 'PayloadTooLargeException';
}

export class UnsupportedEncoding extends PaymentsError {
  readonly status = 415;
  readonly errorName = 'UnsupportedMediaTypeException';
}

/** The caller may try again at `resetAt`. */
export class TooManyRequests extends PaymentsError {
  readonly status = 429;
  readonly errorName = 'TooManyRequestsException';
  readonly resetAt: Date;

  constructor(message: string, resetAt: Date) {
    super(message);
    this.resetAt = resetAt;
  }
}

/** Firestore, a gateway's API or another party did not answer. Repeating helps. */
export class Unavailable extends PaymentsError {
  readonly status = 503;
  readonly errorName = 'ServiceUnavailableException';
}

/**
 * A variable is missing or malformed. The message names it, never its value. Repeating helps after
 * the operator has fixed it.
 */
export class Misconfigured extends PaymentsError {
  readonly status = 500;
  readonly errorName = 'InternalServerErrorException';
}

interface Names {
  readonly about?: string;
  readonly orderId?: string;
}

/**
 * An authentic event cannot become a row now, and must not be lost. It is parked: stored before the
 * gateway hears "received".
 */
export abstract class Parkable extends PaymentsError {
  readonly status = 409;
  readonly errorName = 'ConflictException';
  abstract readonly reason: ParkingReason;
  /** The gateway's id of the movement that cannot become a row, when an event has several. */
  readonly about: string | undefined;
  /** Our order, where its gateway is asked about by it. */
  readonly orderId: string | undefined;

  constructor(message: string, options: ErrorOptions & Names = {}) {
    super(message, options);
    this.about = options.about;
    this.orderId = options.orderId;
  }
}

export type ParkingReason = 'unusable' | 'too_early' | 'conflict';

/** No row can be made until a person or a fix helps: no uid, another currency. */
export class Unusable extends Parkable {
  readonly reason = 'unusable';
}

/** The payment that a correction belongs to is not here yet. The schedule releases the correction. */
export class TooEarly extends Parkable {
  readonly reason = 'too_early';
}

/** The same payment id with other content. A person decides. */
export class Conflict extends Parkable {
  readonly reason = 'conflict';
}

/**
 * A correction takes more than its payment has left, or gives back more than was taken. A person is
 * told; the schedule books it when a report that was overtaken has come and makes it fit.
 */
export class BeyondBounds extends Conflict {}
