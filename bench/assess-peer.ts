/** A hand-written script for the same cross-validations: each fit is a task of joblib with one thread. */
export function peerProgram(it: { readonly train: string; readonly folds: string }): string {
  return `
import json
import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler, TargetEncoder

numbers = ["distance", "sched_dep_time", "sched_arr_time"]
gappy = ["weather_temp", "weather_humid", "weather_wind_speed", "weather_pressure", "weather_visib", "aircraft_year", "aircraft_seats"]
columns = [*numbers, *gappy, "weather_precip", "carrier", "origin", "dest", "tailnum", "time_hour"]

def weekday(times):
    day = times.iloc[:, 0].dt.day_of_week.to_numpy(float)
    return np.column_stack([day, np.sin(day * (2 * np.pi / 7)), np.cos(day * (2 * np.pi / 7))])

def encoder(task):
    folds = KFold if task == "regression" else StratifiedKFold
    target_type = "continuous" if task == "regression" else "binary"
    return TargetEncoder(target_type=target_type, cv=folds(5, shuffle=True, random_state=42))

def pipeline(task, family):
    trees = dict(max_iter=50, max_leaf_nodes=15, min_samples_leaf=50, random_state=42)
    model = {
        "ridge": lambda: Ridge(alpha=10.0, random_state=42),
        "logistic": lambda: LogisticRegression(C=0.1, max_iter=500, random_state=42),
        "trees": lambda: (HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier)(**trees),
    }[family]()
    return Pipeline([
        ("preprocessor", ColumnTransformer([
            ("numbers", StandardScaler(), numbers),
            ("gappy", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), gappy),
            ("precip", SimpleImputer(strategy="constant", fill_value=0), ["weather_precip"]),
            ("few", OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=50), ["carrier", "origin"]),
            ("dest", encoder(task), ["dest"]),
            ("tail", make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), encoder(task)), ["tailnum"]),
            ("time", FunctionTransformer(weekday), ["time_hour"]),
        ], sparse_threshold=0.0 if family == "trees" else 0.3)),
        ("model", model),
    ])

def held_out(task, family, X, y, fold, number):
    model = pipeline(task, family).fit(X[fold != number], y[fold != number])
    rows = X[fold == number]
    return model.predict(rows) if task == "regression" else model.predict_proba(rows)[:, 1]

flights = pd.read_parquet(${JSON.stringify(it.train)}, columns=[*columns, "arr_delay"])
flights = flights[flights["arr_delay"].notna()].reset_index(drop=True)
targets = {"arr_delay": ("regression", flights["arr_delay"].to_numpy(float)), "late": ("binary", (flights["arr_delay"] > 15).to_numpy(int))}
families = {"regression": ["ridge", "trees"], "binary": ["logistic", "trees"]}
folds = pd.read_parquet(${JSON.stringify(it.folds)})

jobs, parts = [], []
for (target, segment), part in folds.groupby(["target", "segment"], sort=False):
    task, y = targets[target]
    part = part.sort_values("source_row")
    rows, fold = part["source_row"].to_numpy(), part["fold"].to_numpy()
    X = flights.loc[rows, columns]
    for family in families[task]:
        parts.append((target, segment, family, y[rows], fold))
        jobs += [delayed(held_out)(task, family, X, y[rows], fold, number) for number in range(fold.max() + 1)]
predictions = iter(Parallel(n_jobs=cpu_count())(jobs))
scores = {}
for target, segment, family, y, fold in parts:
    predicted = np.empty(len(y))
    for number in range(fold.max() + 1):
        predicted[fold == number] = next(predictions)
    score = r2_score if targets[target][0] == "regression" else roc_auc_score
    scores[f"{target}/{segment}/{family}"] = float(score(y, predicted))
print(json.dumps(scores))
`;
}
