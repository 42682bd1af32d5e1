"""The discrete step of CascadeVAE, solved exactly (Jeong and Song 2019, Eq. 6)."""

import numpy as np

ROUNDING = 1e-12  # of the largest cost


def assign_categories(cost: np.ndarray, crowding: float) -> np.ndarray:
    """Minimise ``Σ_i cost[i, k_i] + crowding Σ_k n_k (n_k − 1) / 2`` over the categories ``k_i`` of the cells.

    ``n_k`` is the number of cells in category ``k``: the ``n``-th cell in a category costs ``crowding · (n − 1)`` more.
    This is a minimum-cost flow. It starts from the cheapest category of every cell, and moves cells along shortest
    paths between categories, from a crowded one to a less crowded one, for as long as a path lowers the cost. Every
    path is found in the graph of the categories, whose edges are the cheapest moves of one cell, so that the work
    depends little on the number of cells.

    Parameters
    ----------
    cost
        Cost of each category for each cell, shape ``(cells, categories)``.
    crowding
        ``λ'``, at least 0.

    Returns
    -------
    Categories, shape ``(cells,)``: an exact optimum, up to rounding.

    Examples
    --------
    >>> assign_categories(np.array([[0.0, 1.0], [0.0, 5.0], [0.0, 2.0]]), crowding=1.5).tolist()
    [1, 0, 0]
    """
    cost = np.asarray(cost, dtype=np.float64)
    cost = cost - cost.min(1, keepdims=True)
    n_categories = cost.shape[1]
    category = cost.argmin(1)
    size = np.bincount(category, minlength=n_categories)
    moves = np.full((n_categories, n_categories), np.inf)  # cheapest move of a cell from one category to another
    mover = np.zeros((n_categories, n_categories), dtype=int)  # and the cell
    changed = np.flatnonzero(size)
    while True:
        for k in changed:
            _cheapest_moves(cost, category, k, moves, mover)
        leave = np.where(size > 0, -crowding * (size - 1), np.inf)
        distance, previous = _shortest_paths(leave, moves)
        gain = distance + crowding * size
        k = int(gain.argmin())
        if gain[k] >= -ROUNDING * max(1.0, crowding * len(cost)):
            return category
        path = [k]
        while previous[path[-1]] >= 0:
            path.append(int(previous[path[-1]]))
        cells = [mover[origin, target] for target, origin in zip(path, path[1:], strict=False)]
        category[cells] = path[:-1]
        size[path[0]] += 1
        size[path[-1]] -= 1
        changed = path


def _cheapest_moves(cost: np.ndarray, category: np.ndarray, k: int, moves: np.ndarray, mover: np.ndarray) -> None:
    """Find the cheapest moves out of category ``k``."""
    members = np.flatnonzero(category == k)
    if not len(members):
        moves[k] = np.inf
        return
    change = cost[members] - cost[members, k, None]
    cheapest = change.argmin(0)
    moves[k], mover[k] = change[cheapest, np.arange(change.shape[1])], members[cheapest]
    moves[k, k] = np.inf


def _shortest_paths(start: np.ndarray, moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distances and predecessors (-1: none) of Bellman and Ford; moves may be negative, but no circle is."""
    distance, previous = start.copy(), np.full(len(start), -1)
    every = np.arange(len(start))
    tolerance = ROUNDING * max(1.0, float(np.abs(start[np.isfinite(start)]).max(initial=0)))
    for _ in every:
        through = distance[:, None] + moves
        origin = through.argmin(0)
        shorter = through[origin, every] < distance - tolerance
        if not shorter.any():
            break
        distance = np.where(shorter, through[origin, every], distance)
        previous = np.where(shorter, origin, previous)
    return distance, previous
