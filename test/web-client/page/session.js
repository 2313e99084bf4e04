import { initializeApp } from 'firebase/app';
import {
  browserLocalPersistence,
  confirmPasswordReset,
  connectAuthEmulator,
  createUserWithEmailAndPassword,
  initializeAuth,
  onAuthStateChanged,
  sendEmailVerification,
  sendPasswordResetEmail,
  signInAnonymously,
  signInWithEmailAndPassword,
  signOut as leave,
} from 'firebase/auth';
import { surroundings } from './surroundings.js';

const app = initializeApp({ apiKey: 'local', projectId: surroundings.projectId });
// It outlives the way to a payment page and back.
const auth = initializeAuth(app, { persistence: browserLocalPersistence });
connectAuthEmulator(auth, surroundings.authUrl, { disableWarnings: true });

/** The signed-in user, once it is known whether there is one. */
export async function currentUser() {
  await auth.authStateReady();
  return auth.currentUser;
}

/** Tells now and on every change who is signed in. @param {() => void} listener */
export function onUserChanged(listener) {
  onAuthStateChanged(auth, listener);
}

/** A Firebase ID token, which the SDK keeps fresh. */
export async function idToken() {
  return (await currentUser())?.getIdToken();
}

export async function signInAsGuest() {
  await signInAnonymously(auth);
}

/** @param {string} email @param {string} password */
export async function signIn(email, password) {
  await signInWithEmailAndPassword(auth, email, password);
}

/** Resolves when the account is there, and the e-mail is sent. @param {string} email @param {string} password */
export async function signUp(email, password) {
  const { user } = await createUserWithEmailAndPassword(auth, email, password);
  await sendEmailVerification(user);
}

/** Sends the e-mail once more. */
export async function sendVerification() {
  if (auth.currentUser !== null) await sendEmailVerification(auth.currentUser);
}

/** Whether the account is worth little until its address is verified. @param {import('firebase/auth').User} user */
export function isUnverified({ emailVerified, providerData }) {
  return !emailVerified && providerData.some(({ providerId }) => providerId === 'password');
}

/** Asks Firebase what has become of the account, and for a token that says so. */
export async function refreshUser() {
  await auth.currentUser?.reload();
  await auth.currentUser?.getIdToken(true);
}

/** @param {string} email */
export async function sendPasswordReset(email) {
  await sendPasswordResetEmail(auth, email);
}

/** @param {string} code of the link @param {string} password */
export async function setPassword(code, password) {
  await confirmPasswordReset(auth, code, password);
}

export async function signOut() {
  await leave(auth);
}
