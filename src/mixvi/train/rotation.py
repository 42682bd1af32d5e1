"""Axes of the state that follow what an augmenter does to images."""

import numpy as np
from scipy.linalg import null_space

LEAST_FOLLOWED = 0.1  # share of a move's variance that its direction tells
LEAST_NEW = 0.5  # of a direction's length, that is not along those before


def axes_of_moves(change: np.ndarray, moves: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, list[int]]:
    """Rotation of the states to axes along which images are moved.

    The prior of the state is the same in all directions, so nothing in the objective says along which axes a model
    should lay what it finds. But it is known how copies were turned, scaled and shifted: each of these moves has a
    direction, that of the mean change of the state for one unit of it.

    Parameters
    ----------
    change
        How the state of each image changes when it is moved, shape ``(images, n_state)``.
    moves
        By how much each image is moved in several ways, drawn independently, shape ``(images, n_moves)``.
    states
        States of the images before, shape ``(images, n_state)``.

    Returns
    -------
    rotation
        Orthogonal matrix, shape ``(n_state, n_state)``: the new states are ``states @ rotation.T``.
    followed
        The move that each of the leading dimensions follows, the clearest first; it has the sign of the move. The
        other dimensions come in the order of their variance. If no move is followed, nothing is turned.

    Examples
    --------
    >>> moves = np.random.default_rng(0).uniform(-1, 1, (500, 2))
    >>> rotation, followed = axes_of_moves(moves @ np.array([[0.6, 0.8, 0], [0, 0, 0]]), moves, np.eye(3)[:2])
    >>> followed, rotation[0].round(3).tolist()
    ([0], [0.6, 0.8, 0.0])
    """
    change, moves = change - change.mean(0, dtype=np.float64), moves - moves.mean(0, dtype=np.float64)
    directions = moves.T @ change  # (n_moves, n_state), up to their length
    along = change @ directions.T  # (images, n_moves)
    told = (along * moves).sum(0) ** 2 / ((along**2).sum(0) * (moves**2).sum(0)).clip(1e-300)  # squared correlation
    axes, followed = np.empty((0, change.shape[1])), []
    for move in np.argsort(-told, kind="stable"):
        new = directions[move] - axes.T @ (axes @ directions[move])
        if told[move] >= LEAST_FOLLOWED and np.linalg.norm(new) >= LEAST_NEW * np.linalg.norm(directions[move]):
            axes = np.vstack([axes, new / np.linalg.norm(new)])
            followed.append(int(move))
    if not followed:
        return np.eye(change.shape[1]), followed
    others = null_space(axes)  # (n_state, n_others)
    _, by_variance = np.linalg.eigh(np.atleast_2d(np.cov(states @ others, rowvar=False)))
    return np.vstack([axes, (others @ by_variance[:, ::-1]).T]), followed
